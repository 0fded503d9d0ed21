import Access
import Foundation
import Selectors

/// Policies as text: JSON of the shape that roles have in files, `[{"repo": "team/*", "actions": ["pull"]}]`.
public enum PolicyText {
    /// Why a text is not of policies.
    public struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
        /// A sentence for who wrote it.
        public let description: String
    }

    private struct Entry: Codable {
        var effect: Policy.Effect?
        var repo: String
        var actions: [String]
    }

    /// Any key: one that is misspelt must not be passed over, where it would turn a denial into its contrary.
    private struct AnyKey: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    private struct Keys: Decodable {
        let names: [String]

        init(from decoder: any Decoder) throws {
            names = try decoder.container(keyedBy: AnyKey.self).allKeys.map(\.stringValue)
        }
    }

    /// Reads policies.
    public static func read(_ text: String) throws(Problem) -> [Policy] {
        let entries: [Entry]
        let keys: [Keys]
        do {
            entries = try JSONDecoder().decode([Entry].self, from: Data(text.utf8))
            keys = try JSONDecoder().decode([Keys].self, from: Data(text.utf8))
        } catch {
            throw Problem(description: "policies are a list of {repo, actions}: \(error)")
        }
        if let strange = keys.flatMap(\.names).first(where: { !["effect", "repo", "actions"].contains($0) }) {
            throw Problem(description: "\(strange) is not part of a policy: there are effect, repo and actions")
        }
        var policies: [Policy] = []
        for entry in entries {
            policies.append(
                Policy(
                    entry.effect ?? .allow,
                    try pattern(entry.repo),
                    try actions(entry.actions)
                )
            )
        }
        return policies
    }

    /// Writes what ``read(_:)`` reads.
    ///
    /// Throws ``Problem`` for what it could not read again: `push` always gives tags as well.
    public static func write(_ policies: [Policy]) throws -> String {
        for policy in policies where policy.actions.contains(.push) && !policy.actions.isSuperset(of: Role.pushing) {
            throw Problem(description: "push stands for tag and overwrite too: deny these apart")
        }
        let entries = policies.map { policy in
            Entry(
                effect: policy.effect == .allow ? nil : policy.effect,
                repo: policy.repositories.description,
                actions: policy.actions.actions.map(\.rawValue)
            )
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(entries), as: UTF8.self)
    }

    private static func pattern(_ text: String) throws(Problem) -> Glob {
        do {
            return try Glob(text)
        } catch {
            throw Problem(description: "\(text) is not a pattern of repositories: \(error)")
        }
    }

    private static func actions(_ names: [String]) throws(Problem) -> ActionSet {
        var set: ActionSet = []
        for name in names {
            if name == "*" {
                set.formUnion(.all)
            } else if name == "push" {
                set.formUnion(Role.pushing)
            } else if let action = Action(rawValue: name) {
                set.insert(ActionSet(action))
            } else {
                let known = Action.allCases.map(\.rawValue).joined(separator: ", ")
                throw Problem(description: "\(name) is not an action: there are \(known), and * for all")
            }
        }
        return set
    }
}
