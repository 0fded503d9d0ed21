/// A version by the rules of semver.org, 2.0.0: three numbers, and what comes before a release.
///
/// Equal when neither comes before the other, so that build metadata makes no difference.
public struct SemanticVersion: Sendable {
    /// One part of what stands behind the hyphen.
    public enum Identifier: Hashable, Sendable {
        /// Digits, compared as a number.
        case number(UInt64)
        /// Anything else, compared byte by byte.
        case text(String)
    }

    /// The number that changes when users must change something.
    public var major: UInt64
    /// The number that changes when something is added.
    public var minor: UInt64
    /// The number that changes when something is mended.
    public var patch: UInt64
    /// What comes before the release: `alpha`, `1`; empty for the release itself.
    public var prerelease: [Identifier]

    /// Makes a version.
    public init(_ major: UInt64, _ minor: UInt64, _ patch: UInt64, prerelease: [Identifier] = []) {
        self.major = major
        self.minor = minor
        self.patch = patch
        self.prerelease = prerelease
    }

    /// Reads `1.2.3`, `1.2.3-rc.1`, `1.2.3+build`, with or without a `v` in front; nil for others.
    public init?(_ text: some StringProtocol) {
        self.init(text, numberCounts: 3...3)
    }

    /// Reads the version that a tag stands for; nil for a tag that is none.
    ///
    /// Tags such as `3` and `3.19` are versions too: what is missing is 0.
    public init?(tag: some StringProtocol) {
        self.init(tag, numberCounts: 1...3)
    }

    private init?(_ text: some StringProtocol, numberCounts: ClosedRange<Int>) {
        var rest = Array(text.utf8)[...]
        if rest.first == UInt8(ascii: "v") { rest.removeFirst() }
        if let plus = rest.firstIndex(of: UInt8(ascii: "+")) {
            guard Self.identifiers(rest[(plus + 1)...], mayHaveZeros: true) != nil else { return nil }
            rest = rest[..<plus]
        }
        prerelease = []
        if let hyphen = rest.firstIndex(of: UInt8(ascii: "-")) {
            guard let identifiers = Self.identifiers(rest[(hyphen + 1)...], mayHaveZeros: false) else { return nil }
            prerelease = identifiers
            rest = rest[..<hyphen]
        }
        let parts = rest.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let numbers = parts.compactMap(Self.number)
        guard numbers.count == parts.count, numberCounts.contains(numbers.count) else { return nil }
        major = numbers[0]
        minor = numbers.count > 1 ? numbers[1] : 0
        patch = numbers.count > 2 ? numbers[2] : 0
    }

    /// Digits without a zero in front.
    static func number(_ bytes: ArraySlice<UInt8>) -> UInt64? {
        guard bytes.allSatisfy({ (0x30...0x39).contains($0) }), bytes.count == 1 || bytes.first != 0x30 else {
            return nil
        }
        return UInt64(String(decoding: bytes, as: UTF8.self))
    }

    private static func identifiers(_ bytes: ArraySlice<UInt8>, mayHaveZeros: Bool) -> [Identifier]? {
        let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        var identifiers: [Identifier] = []
        for part in parts {
            let isWord = part.allSatisfy { ASCIISet.words.contains($0) && $0 != 0x5F || $0 == UInt8(ascii: "-") }
            guard !part.isEmpty, isWord else { return nil }
            if part.allSatisfy(ASCIISet.digits.contains), !mayHaveZeros {
                guard let number = number(part) else { return nil }
                identifiers.append(.number(number))
            } else {
                identifiers.append(.text(String(decoding: part, as: UTF8.self)))
            }
        }
        return identifiers
    }
}

extension SemanticVersion: Hashable, Comparable {
    /// Precedence (semver.org, section 11).
    public static func < (left: SemanticVersion, right: SemanticVersion) -> Bool {
        let (one, other) = ([left.major, left.minor, left.patch], [right.major, right.minor, right.patch])
        guard one == other else { return one.lexicographicallyPrecedes(other) }
        // A release comes after all that comes before it.
        if left.prerelease.isEmpty || right.prerelease.isEmpty {
            return !left.prerelease.isEmpty && right.prerelease.isEmpty
        }
        return left.prerelease.lexicographicallyPrecedes(right.prerelease)
    }
}

extension SemanticVersion.Identifier: Comparable {
    /// Numbers before texts.
    public static func < (left: Self, right: Self) -> Bool {
        switch (left, right) {
        case (.number(let one), .number(let other)): one < other
        case (.number, .text): true
        case (.text, .number): false
        case (.text(let one), .text(let other)): one.utf8.lexicographicallyPrecedes(other.utf8)
        }
    }
}

extension SemanticVersion: CustomStringConvertible {
    /// The text without a `v`.
    public var description: String {
        let identifiers = prerelease.map { identifier in
            switch identifier {
            case .number(let number): "\(number)"
            case .text(let text): text
            }
        }
        return "\(major).\(minor).\(patch)" + (identifiers.isEmpty ? "" : "-" + identifiers.joined(separator: "."))
    }
}
