import Access
import AdminModel
import Foundation
import Identity
import Selectors

/// Policies between their forms: as the management shows them, as text, and as what decides.
enum Policies {
    /// The text that is stored: as it was written, once it was found to be right.
    static func text(_ policies: [AdminModel.Policy], field: String = "policies") throws -> String {
        guard policies.count <= Bounds.policyCountMax else {
            throw Problem(.invalid, "at most \(Bounds.policyCountMax) policies", field: field)
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let text = String(decoding: try encoder.encode(policies), as: UTF8.self)
        do {
            _ = try PolicyText.read(text)
        } catch {
            throw Problem(.invalid, error.description, field: field)
        }
        return text
    }

    static func read(_ text: String) throws -> [AdminModel.Policy] {
        try JSONDecoder().decode([AdminModel.Policy].self, from: Data(text.utf8))
    }

    /// Whether two say the same, however they are written.
    static func areSame(_ left: [AdminModel.Policy], _ right: [AdminModel.Policy]) throws -> Bool {
        try PolicyText.read(try text(left)) == PolicyText.read(try text(right))
    }

    static func shown(_ policy: Access.Policy) -> AdminModel.Policy {
        AdminModel.Policy(
            effect: policy.effect == .allow ? nil : .deny,
            repo: policy.repositories.description,
            actions: policy.actions == .all ? ["*"] : policy.actions.actions.map(\.rawValue)
        )
    }

    /// The roles that are there from the start, as the management shows them.
    static let builtIn = Access.Role.builtIn.map { role in
        AdminModel.Role(name: role.name, isBuiltIn: true, policies: role.policies.map(shown))
    }
}
