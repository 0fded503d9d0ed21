/// Some versions: `^1.2`, `~1.2.3`, `>=1 <2`, `1.2.x`, `1.2 - 2.4`, and any of these with `||` between them.
///
/// - `^` keeps the first number that is not 0, `~` keeps major and minor. A version of less than three numbers stands
///   for all that begin with them.
/// - A version before a release (`1.2.3-rc.1`) is in a range only where the range itself names one of the same three
///   numbers: who asks for `^1.2` does not want the next candidate. That is npm's rule; semver.org has only the order.
public struct VersionRange: Hashable, Sendable {
    /// The longest text, in bytes.
    public static let byteCountMax = 256

    /// Why a text is no range.
    public enum ParseError: Error, Hashable, Sendable {
        /// No bytes at all.
        case empty
        /// Longer than ``VersionRange/byteCountMax``.
        case tooLong
        /// A part that is no version with a sign before it.
        case malformed(String)
    }

    enum Relation: String, Hashable, Sendable, CaseIterable {
        case atLeast = ">="
        case atMost = "<="
        case above = ">"
        case below = "<"
        case equal = "="
    }

    struct Bound: Hashable, Sendable {
        var relation: Relation
        var version: SemanticVersion

        func admits(_ other: SemanticVersion) -> Bool {
            switch relation {
            case .atLeast: other >= version
            case .atMost: other <= version
            case .above: other > version
            case .below: other < version
            case .equal: other == version
            }
        }
    }

    /// The range as it was written.
    public let description: String
    /// One of these must hold, with all of its bounds.
    private let alternatives: [[Bound]]

    /// Reads a range.
    public init(_ text: some StringProtocol) throws(ParseError) {
        let text = String(text)
        guard text.utf8.contains(where: { $0 != 0x20 }) else { throw .empty }
        guard text.utf8.count <= Self.byteCountMax else { throw .tooLong }
        var alternatives: [[Bound]] = []
        for part in text.split(separator: "||", omittingEmptySubsequences: false) {
            alternatives.append(try VersionRangeParser.bounds(of: part))
        }
        self.alternatives = alternatives
        description = text
    }

    /// Whether a version is one of them.
    public func contains(_ version: SemanticVersion) -> Bool {
        alternatives.contains { bounds in
            guard bounds.allSatisfy({ $0.admits(version) }) else { return false }
            return version.prerelease.isEmpty || bounds.contains { $0.version.isBefore(theReleaseOf: version) }
        }
    }
}

extension VersionRange: CustomStringConvertible {}

extension VersionRange.ParseError: CustomStringConvertible {
    /// A sentence part that follows the range.
    public var description: String {
        switch self {
        case .empty: "is empty"
        case .tooLong: "is longer than \(VersionRange.byteCountMax) bytes"
        case .malformed(let part): "has the part \(part), which is no version such as 1.2, ^1.2, ~1.2.3, >=1 or 1.x"
        }
    }
}

extension SemanticVersion {
    /// Whether it comes before a release that the other comes before too.
    fileprivate func isBefore(theReleaseOf other: SemanticVersion) -> Bool {
        !prerelease.isEmpty && (major, minor, patch) == (other.major, other.minor, other.patch)
    }
}
