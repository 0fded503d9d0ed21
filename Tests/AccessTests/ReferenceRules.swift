import Access
import NetworkAddress
import RegistryTesting
import Selectors

/// Who may do what, said as plainly as it can be: all that applies is put together, and then weighed.
struct ReferenceRules {
    enum Outcome: Equatable {
        case granted, publicProject(String), localAdministrator, denied, closed(String), beyondLimit, nothingAllows
    }

    let set: RuleSet

    func outcome(_ principal: Principal, _ action: Action, on name: String) -> Outcome {
        if principal.kind == .local { return .localAdministrator }
        var effects: [Policy.Effect] = []
        for grant in set.grants {
            let isTheirs = Self.descriptions(of: principal).contains(grant.subject.description)
            guard isTheirs, grant.project.map({ isProject($0, around: name) }) ?? true else { continue }
            effects += Self.effects(of: policies(of: grant.role), action, on: name)
        }
        if effects.contains(.deny) { return .denied }
        var outcome: Outcome?
        if effects.contains(.allow) { outcome = .granted }
        if outcome == nil, [.list, .pull].contains(action) { outcome = publicProject(around: name) }
        guard let outcome else { return .nothingAllows }
        let closed = set.projects.filter { project in
            // The only block that there is.
            let isInside = principal.address?.description.hasPrefix("10.") ?? false
            return isProject(project.name, around: name) && !project.addresses.isEmpty && !isInside
        }
        if let innermost = closed.max(by: { $0.name.count < $1.name.count }) { return .closed(innermost.name) }
        for limit in principal.limits where Set(Self.effects(of: limit, action, on: name)) != [.allow] {
            return .beyondLimit
        }
        return outcome
    }

    private static func descriptions(of principal: Principal) -> Set<String> {
        let groups = principal.groups.map { "group:\($0)" }
        switch principal.kind {
        case .anonymous: return Set(["anyone"] + groups)
        case .user: return Set(["anyone", "authenticated", "user:\(principal.name)"] + groups)
        case .robot: return Set(["anyone", "authenticated", "robot:\(principal.name)"] + groups)
        case .local: return Set(["anyone", "authenticated"] + groups)
        }
    }

    private func isProject(_ project: String, around name: String) -> Bool {
        set.projects.contains { $0.name == project } && (name == project || name.hasPrefix(project + "/"))
    }

    private func publicProject(around name: String) -> Outcome? {
        let around = set.projects.filter { isProject($0.name, around: name) }
        guard let innermost = around.max(by: { $0.name.count < $1.name.count }) else { return nil }
        return innermost.isPublic ? .publicProject(innermost.name) : nil
    }

    private func policies(of role: String) -> [Policy] {
        if let own = set.roles.first(where: { $0.name == role }) { return own.policies }
        let words = [
            "lister": "list", "reader": "list pull", "writer": "list pull push tag overwrite scan sign",
            "maintainer": "list pull push tag overwrite scan sign delete",
            "administrator": "list pull push tag overwrite scan sign delete manage",
        ]
        let actions = (words[role] ?? "").split(separator: " ").compactMap { Action(rawValue: String($0)) }
        return actions.map { Policy(.allow, .everything, ActionSet($0)) }
    }

    private static func effects(of policies: [Policy], _ action: Action, on name: String) -> [Policy.Effect] {
        policies.filter { policy in
            policy.actions.actions.contains(action) && meaning(of: policy.repositories.description, name)
        }.map(\.effect)
    }

    /// What each of the patterns says, in other words.
    private static func meaning(of pattern: String, _ name: String) -> Bool {
        let depth = name.count { $0 == "/" }
        switch pattern {
        case "*": return true
        case "team": return name == "team"
        case "team0": return name == "team0"
        case "team/*": return name.hasPrefix("team/") && depth == 1
        case "team/**": return name.hasPrefix("team/")
        case "team*": return name.hasPrefix("team") && depth == 0
        case "team-*/**": return name.hasPrefix("team-") && depth > 0
        case "**/a": return name == "a" || name.hasSuffix("/a")
        case "te?m": return name == "team"
        case "team/**/b": return name.hasPrefix("team/") && name.hasSuffix("/b")
        case "*/a": return name.hasSuffix("/a") && depth == 1
        default: return false
        }
    }
}
