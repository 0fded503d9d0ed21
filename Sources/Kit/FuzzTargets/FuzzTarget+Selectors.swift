import OCI
import Retention
import Selectors

extension FuzzTarget {
    /// Patterns agree with each other, versions have an order, and what picks tags picks from those that there are.
    ///
    /// The first line is a pattern, the second a name or another pattern, and each that follows a tag.
    static func checkSelectors(_ bytes: [UInt8]) throws(Violation) {
        let lines = lines(bytes)
        let (pattern, name) = (lines[0], lines.count > 1 ? lines[1] : "")
        try checkPatterns(pattern, name)
        let tags = lines.dropFirst(2).prefix(64).compactMap { try? Tag($0) }
        try checkVersions(tags)
        try checkRanges(pattern, name, tags)
        var patterns: [NamePattern] = []
        if let regex = try? Pattern(pattern) { patterns.append(.regex(regex)) }
        if let glob = try? Glob(name) { patterns.append(.glob(glob)) }
        let selector = NameSelector(include: patterns)
        try checkTags(tags, selector, count: bytes.count % 5)
        try checkRetention(tags, selector, count: bytes.count % 5)
    }

    // MARK: Patterns

    private static func checkPatterns(_ text: String, _ name: String) throws(Violation) {
        if let pattern = try? Pattern(text) {
            try require(pattern.description.utf8.elementsEqual(text.utf8), "\(text) is kept as it was written")
            // Whatever it matches: it comes to an end.
            _ = pattern.matches(name)
            if text.utf8.count + 7 <= Pattern.byteCountMax, let grouped = try? Pattern("(?:\(text))") {
                try require(grouped.matches(name) == pattern.matches(name), "\(text) means the same in a group")
            }
        }
        guard let glob = try? Glob(text) else { return }
        let isMatch = glob.matches(name)
        try require(!isMatch || name.utf8.starts(with: glob.literalPrefix.utf8), "\(name) begins as \(text) does")
        // The other dialect has no bytes outside ASCII.
        guard name.utf8.allSatisfy({ $0 < 0x80 }), let regex = try? Pattern(regex(of: text)) else { return }
        try require(regex.matches(name) == isMatch, "\(text) and \(regex) agree on \(name)")
    }

    /// A glob as a regular expression.
    private static func regex(of glob: String) -> String {
        if glob == "*" { return ".+" }
        let components = glob.split(separator: "/", omittingEmptySubsequences: false)
        return components.enumerated().map { index, component in
            let isLast = index == components.count - 1
            if component == "**" { return isLast ? ".+" : "(?:.+/)?" }
            let text = component.map { character in
                switch character {
                case "*": "[^/]*"
                case "?": "[^/]"
                default: character.isLetter || character.isNumber ? "\(character)" : "\\\(character)"
                }
            }
            return text.joined() + (isLast ? "" : "/")
        }.joined()
    }

    // MARK: Versions

    private static func checkVersions(_ tags: [Tag]) throws(Violation) {
        let versions = tags.compactMap { SemanticVersion(tag: $0.description) }
        for version in versions {
            try require(SemanticVersion("\(version)") == version, "\(version) reads as it was written")
            for other in versions {
                let count = [version < other, other < version, version == other].count { $0 }
                try require(count == 1, "\(version) and \(other) have one order")
            }
            for sign in ["", "^", "~", ">=", "<="] {
                // The highest number there is has none behind it, and is refused.
                guard let range = try? VersionRange("\(sign)\(version)") else { continue }
                try require(range.contains(version), "\(range) contains \(version)")
            }
            for sign in [">", "<"] {
                guard let range = try? VersionRange("\(sign)\(version)") else { continue }
                try require(!range.contains(version), "\(range) does not contain \(version)")
            }
        }
    }

    private static func checkRanges(_ left: String, _ right: String, _ tags: [Tag]) throws(Violation) {
        guard let one = try? VersionRange(left), let other = try? VersionRange(right),
            let either = try? VersionRange("\(left)||\(right)")
        else { return }
        for version in tags.compactMap({ SemanticVersion(tag: $0.description) }) {
            let isEither = one.contains(version) || other.contains(version)
            try require(
                either.contains(version) == isEither,
                "\(either) contains \(version) when one of its halves does"
            )
        }
    }

    // MARK: Tags

    private static func checkTags(_ tags: [Tag], _ names: NameSelector, count: Int) throws(Violation) {
        for order in TagSelector.Order.allCases {
            let selector = TagSelector(names: names, newest: .init(count, by: order))
            let selected = selector.selected(from: tags)
            try require(Set(selected).count <= count, "no more than the newest \(count) are meant: \(selected)")
            try require(selected.allSatisfy(selector.covers), "what is meant is covered: \(selected)")
            var rest = tags[...]
            for tag in selected {
                guard let place = rest.firstIndex(of: tag) else {
                    throw Violation(description: "\(selected) are of \(tags), in their order")
                }
                rest = rest[(place + 1)...]
            }
        }
    }

    private static func checkRetention(_ tags: [Tag], _ names: NameSelector, count: Int) throws(Violation) {
        let now: Int64 = 1_000_000
        let candidates = tags.enumerated().map { index, tag in
            let digest = Digest(algorithm: .sha256, hash: [UInt8](repeating: UInt8(index), count: 32))
            let age = Int64(tag.description.utf8.count * 100)
            return RetentionCandidate(tag: tag, digest: digest, createdSeconds: index % 3 == 0 ? nil : now - age)
        }
        for order in RetentionRule.Order.allCases {
            var rule = RetentionRule(names: names, keepNewest: count, order: order)
            let few = rule.decisions(on: candidates, nowSeconds: now)
            try require(few.map(\.candidate) == candidates, "there is a decision on each, in their order")
            rule.keepNewest = count + 1
            let more = rule.decisions(on: candidates, nowSeconds: now)
            rule.keepYoungerThanSeconds = 500
            let most = rule.decisions(on: candidates, nowSeconds: now)
            for (index, decision) in few.enumerated() {
                let isMonotonic =
                    (!decision.isKept || more[index].isKept) && (!more[index].isKept || most[index].isKept)
                try require(isMonotonic, "who keeps more keeps \(decision.candidate.tag) as well")
                let isMeant = names.matches(decision.candidate.tag.description)
                try require(isMeant || decision.isKept, "\(decision.candidate.tag) is not meant, and stays")
            }
        }
    }
}
