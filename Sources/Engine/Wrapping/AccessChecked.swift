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
    private let rulesNow: @Sendable () -> AccessRules?

    /// Wraps a registry, under rules that stay.
    public init(_ base: any Registry, for principal: Principal, under rules: AccessRules) {
        self.init(base, for: principal) { rules }
    }

    /// Wraps a registry.
    ///
    /// - Parameters:
    ///   - base: what does it.
    ///   - principal: for whom.
    ///   - rulesNow: what decides, asked at each decision, since a body may be long on its way; nil where the principal
    ///     may do nothing any more.
    public init(_ base: any Registry, for principal: Principal, rulesNow: @escaping @Sendable () -> AccessRules?) {
        self.base = base
        self.principal = principal
        self.rulesNow = rulesNow
    }

    func decide(_ action: Action, on repository: RepositoryName) -> Decision {
        rulesNow()?.decide(principal, action, on: repository) ?? Decision(.nothingAllows)
    }

    /// What the names of all repositories begin with where the principal may do something.
    func prefixes(of action: Action) -> [String] {
        rulesNow()?.prefixes(of: action, for: principal) ?? []
    }

    /// Throws ``AccessRefusal`` unless policy allows it.
    func demand(_ action: Action, on repository: RepositoryName) throws {
        let decision = decide(action, on: repository)
        guard decision.isAllowed else { throw refusal(of: action, on: repository, decision) }
    }

    func refusal(of action: Action, on repository: RepositoryName, _ decision: Decision) -> AccessRefusal {
        AccessRefusal(principal: principal, action: action, repository: repository, decision: decision)
    }

    func allows(_ action: Action, on repository: RepositoryName) -> Bool {
        decide(action, on: repository).isAllowed
    }
}
