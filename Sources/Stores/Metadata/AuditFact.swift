/// Something that somebody did, or was refused.
public struct AuditFact: Hashable, Sendable {
    /// How it went.
    public enum Outcome: String, Hashable, Sendable, CaseIterable {
        /// It was allowed, and happened.
        case allowed
        /// Policy, or a limit, forbade it; or the credentials were wrong.
        case denied
        /// It was allowed and did not happen.
        case failed
    }

    /// When.
    public var at: Timestamp
    /// Who, such as `user:alice`, `anonymous`, `local`.
    public var principal: String
    /// From which address; empty where it came from the machine itself.
    public var address: String
    /// The id of the request, as it stands in logs and error bodies.
    public var requestID: String
    /// What was done, noun first: `user.create`, `login`, `manifest.push`, `blob.pull`.
    public var action: String
    /// To what, such as `user:bob`, `project:team`, `team/app:1`.
    public var target: String
    /// How it went.
    public var outcome: Outcome
    /// Why: the rule that decided, or what went wrong.
    public var reason: String
    /// What changed, as a JSON object; empty where there is nothing more to say.
    ///
    /// Never a secret.
    public var details: String
    /// How often the same happened within a short time, where it was gathered into one entry.
    public var times: Int64

    /// Describes something that happened.
    public init(
        at moment: Timestamp,
        principal: String,
        address: String,
        requestID: String,
        action: String,
        target: String,
        outcome: Outcome,
        reason: String = "",
        details: String = "",
        times: Int64 = 1
    ) {
        at = moment
        self.principal = principal
        self.address = address
        self.requestID = requestID
        self.action = action
        self.target = target
        self.outcome = outcome
        self.reason = reason
        self.details = details
        self.times = times
    }
}
