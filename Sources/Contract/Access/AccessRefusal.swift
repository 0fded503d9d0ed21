import OCI

/// Policy does not allow it.
public struct AccessRefusal: Error, Sendable {
    /// Who asked.
    public let principal: Principal
    /// For what.
    public let action: Action
    /// On which repository; nil for what is about all of them.
    public let repository: RepositoryName?
    /// Why not: for the log and the audit, never for the caller.
    public let decision: Decision

    /// Describes a refusal.
    public init(principal: Principal, action: Action, repository: RepositoryName?, decision: Decision) {
        self.principal = principal
        self.action = action
        self.repository = repository
        self.decision = decision
    }
}
