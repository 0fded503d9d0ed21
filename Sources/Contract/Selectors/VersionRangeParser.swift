/// Reads the parts of a version range, after the rules of npm's node-semver.
enum VersionRangeParser {
    /// A version of which numbers may be missing or be `x`.
    private struct Partial {
        /// The numbers up to the first that is missing.
        var numbers: [UInt64]
        var prerelease: [SemanticVersion.Identifier]

        /// The lowest version that it stands for.
        var lowest: SemanticVersion {
            SemanticVersion(self[0], self[1], self[2], prerelease: prerelease)
        }

        /// The version behind all that keep the first `count` numbers; nil behind all there are.
        func next(keeping count: Int) -> SemanticVersion? {
            guard (1...3).contains(count) else { return nil }
            var parts = (0..<3).map { $0 < count ? self[$0] : 0 }
            // No number is so high that this could overflow: see `partial(_:)`.
            parts[count - 1] += 1
            return SemanticVersion(parts[0], parts[1], parts[2])
        }

        subscript(index: Int) -> UInt64 { index < numbers.count ? numbers[index] : 0 }
    }

    /// The bounds of a part between two `||`.
    static func bounds(of text: Substring) throws(VersionRange.ParseError) -> [VersionRange.Bound] {
        var words = text.split(separator: " ")
        if words.count == 3, words[1] == "-" {
            return try bounds(sign: ">=", words[0]) + bounds(sign: "<=", words[2])
        }
        var bounds: [VersionRange.Bound] = []
        guard !words.isEmpty else { throw .malformed(String(text)) }
        while !words.isEmpty {
            let word = words.removeFirst()
            let sign = word.prefix { "<>=^~".contains($0) }
            var version = word[sign.endIndex...]
            // A space may stand behind a sign.
            if version.isEmpty, !sign.isEmpty, !words.isEmpty { version = words.removeFirst() }
            bounds += try Self.bounds(sign: String(sign), version)
        }
        return bounds
    }

    private static func bounds(
        sign: String,
        _ text: Substring
    ) throws(VersionRange.ParseError) -> [VersionRange.Bound] {
        guard let partial = partial(text) else { throw .malformed(sign + text) }
        let (lowest, count) = (partial.lowest, partial.numbers.count)
        switch sign {
        case "", "=":
            return count == 3 ? [.init(relation: .equal, version: lowest)] : span(lowest, partial.next(keeping: count))
        case "^":
            let kept = partial.numbers.firstIndex { $0 > 0 }.map { $0 + 1 } ?? count
            return span(lowest, partial.next(keeping: kept))
        case "~": return span(lowest, partial.next(keeping: min(2, count)))
        case ">=": return [.init(relation: .atLeast, version: lowest)]
        case "<": return [.init(relation: .below, version: lowest)]
        case ">":
            if count == 3 { return [.init(relation: .above, version: lowest)] }
            guard let next = partial.next(keeping: count) else { throw .malformed(sign + text) }
            return [.init(relation: .atLeast, version: next)]
        case "<=":
            if count == 3 { return [.init(relation: .atMost, version: lowest)] }
            return partial.next(keeping: count).map { [.init(relation: .below, version: $0)] } ?? []
        default: throw .malformed(sign + text)
        }
    }

    private static func span(_ low: SemanticVersion, _ high: SemanticVersion?) -> [VersionRange.Bound] {
        [.init(relation: .atLeast, version: low)] + (high.map { [.init(relation: .below, version: $0)] } ?? [])
    }

    private static func partial(_ text: Substring) -> Partial? {
        var text = text
        if text.first == "v" { text.removeFirst() }
        if let whole = SemanticVersion(text) {
            let numbers = [whole.major, whole.minor, whole.patch]
            return numbers.allSatisfy(isUsable) ? Partial(numbers: numbers, prerelease: whole.prerelease) : nil
        }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...3).contains(parts.count) else { return nil }
        var numbers: [UInt64] = []
        var isOver = false
        for part in parts {
            if ["x", "X", "*"].contains(part) {
                isOver = true
            } else {
                guard !isOver, let number = SemanticVersion.number(Array(part.utf8)[...]), isUsable(number) else {
                    return nil
                }
                numbers.append(number)
            }
        }
        return Partial(numbers: numbers, prerelease: [])
    }

    private static func isUsable(_ number: UInt64) -> Bool {
        number < UInt64.max
    }
}
