public import Access
public import RegistryContract

extension TagStanding {
    /// What a principal is by the rules of access.
    ///
    /// What the credential in use is limited to does not count: limits say which actions it is good for, and each of
    /// those is asked for by itself. A client's token is always limited to pulling and pushing.
    ///
    /// - Parameters:
    ///   - principal: who.
    ///   - rulesNow: the rules, asked each time; nil where the principal may do nothing any more.
    public init(of principal: Principal, rulesNow: @escaping @Sendable () -> AccessRules?) {
        let owner = Principal(
            kind: principal.kind,
            name: principal.name,
            groups: principal.groups,
            address: principal.address
        )
        self.init { roles, project in
            guard let rules = rulesNow() else { return false }
            guard roles.isEmpty else { return rules.has(owner, oneOf: roles, in: project) }
            return rules.decideManagement(of: project, by: owner).isAllowed
        }
    }
}
