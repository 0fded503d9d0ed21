/// Patterns as people write them in one text: a glob, `/…/` for a regular expression, `semver:RANGE` for versions.
///
/// A name is a glob that matches itself alone.
extension NamePattern {
    /// Why a text is not a pattern, as a part of a sentence that follows the text.
    public struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
        /// The part of a sentence.
        public let description: String
    }

    private static let versionMark = "semver:"

    /// Reads a pattern.
    public init(_ text: String) throws(ParseError) {
        do {
            if text.utf8.count > 2, text.hasPrefix("/"), text.hasSuffix("/") {
                self = .regex(try Pattern(text.dropFirst().dropLast()))
            } else if text.hasPrefix(Self.versionMark) {
                self = .semver(try VersionRange(text.dropFirst(Self.versionMark.count)))
            } else {
                self = .glob(try Glob(text))
            }
        } catch {
            throw ParseError(description: "\(error)")
        }
    }
}
