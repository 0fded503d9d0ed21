import Access
import OCI
import RegistryContract

/// A registry that does for one principal what policy allows, and refuses the rest before the registry below hears of
/// it: so a refusal tells nothing of what there is.
///
/// What depends on where a tag points is asked as a condition of the commit, and decided there.
public struct AccessChecked: Registry {
    let base: any Registry
    let principal: Principal
    let rules: AccessRules

    /// Wraps a registry; `rules` are those of this moment.
    public init(_ base: any Registry, for principal: Principal, under rules: AccessRules) {
        self.base = base
        self.principal = principal
        self.rules = rules
    }

    /// Throws ``AccessRefusal`` unless policy allows it.
    func demand(_ action: Action, on repository: RepositoryName) throws {
        let decision = rules.decide(principal, action, on: repository)
        guard decision.isAllowed else { throw refusal(of: action, on: repository, decision) }
    }

    func refusal(of action: Action, on repository: RepositoryName, _ decision: Decision) -> AccessRefusal {
        AccessRefusal(principal: principal, action: action, repository: repository, decision: decision)
    }

    func allows(_ action: Action, on repository: RepositoryName) -> Bool {
        rules.decide(principal, action, on: repository).isAllowed
    }
}
