import Foundation
import Selectors

/// What a rule is about, as text: JSON of the shape that rules have in files.
///
/// `{"repositories":{"include":["team/web/**"]},"roles":["maintainer"],"tags":{"exclude":["*-rc*"]}}`
public struct TagRuleTerms: Hashable, Sendable, Codable {
    /// The most patterns in a list.
    public static let patternCountMax = 64
    /// The most roles in a rule.
    public static let roleCountMax = 64

    /// Patterns, as people write them.
    public struct Patterns: Hashable, Sendable, Codable {
        /// A name must match one of these; any where there are none.
        public var include: [String]?
        /// A name may match none of these.
        public var exclude: [String]?

        /// States the patterns; an empty list is none.
        public init(include: [String]? = nil, exclude: [String]? = nil) {
            self.include = include?.isEmpty == true ? nil : include
            self.exclude = exclude?.isEmpty == true ? nil : exclude
        }
    }

    /// Why terms are none, as a sentence for who wrote them.
    public struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
        /// The sentence.
        public let description: String
        /// The key that it is about.
        public let field: String
    }

    /// The repositories that are meant; all of the project where nothing is said.
    public var repositories: Patterns?
    /// The tags that are meant; all where nothing is said.
    public var tags: Patterns?
    /// Who may nevertheless.
    public var roles: [String]?

    /// States the terms; what says nothing is left out.
    public init(repositories: Patterns? = nil, tags: Patterns? = nil, roles: [String]? = nil) {
        self.repositories = repositories == Patterns() ? nil : repositories
        self.tags = tags == Patterns() ? nil : tags
        self.roles = roles?.isEmpty == true ? nil : roles
    }

    /// Reads what ``text()`` wrote.
    public init(reading text: String) throws {
        self = try JSONDecoder().decode(TagRuleTerms.self, from: Data(text.utf8))
    }

    /// The terms as text, the same for the same terms.
    public func text() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    /// The rule of a name that has these terms.
    public func rule(_ kind: TagRule.Kind, _ name: String, of project: String) throws(Problem) -> TagRule {
        let roles = roles ?? []
        guard roles.count <= Self.roleCountMax else {
            throw Problem(description: "a rule names at most \(Self.roleCountMax) roles", field: "roles")
        }
        guard kind == .protected || roles.isEmpty else {
            throw Problem(description: "roles are for rules that protect, not for immutable tags", field: "roles")
        }
        return TagRule(
            project: project,
            name: name,
            kind: kind,
            repositories: try Self.selector(repositories, "repositories"),
            tags: try Self.selector(tags, "tags"),
            roles: roles
        )
    }

    private static func selector(_ patterns: Patterns?, _ field: String) throws(Problem) -> NameSelector {
        NameSelector(
            include: try read(patterns?.include ?? [], "\(field).include"),
            exclude: try read(patterns?.exclude ?? [], "\(field).exclude")
        )
    }

    private static func read(_ texts: [String], _ field: String) throws(Problem) -> [NamePattern] {
        guard texts.count <= patternCountMax else {
            throw Problem(description: "at most \(patternCountMax) patterns", field: field)
        }
        var patterns: [NamePattern] = []
        for text in texts {
            do throws(NamePattern.ParseError) {
                patterns.append(try NamePattern(text))
            } catch {
                throw Problem(description: "\(text.debugDescription) is no pattern: \(error)", field: field)
            }
        }
        return patterns
    }
}
