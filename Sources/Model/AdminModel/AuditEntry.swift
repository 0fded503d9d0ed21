/// Something that somebody did, or was refused.
public struct AuditEntry: Codable, Hashable, Sendable {
    /// The number of the entry; later ones have mostly higher ones.
    public var id: Int64
    /// When.
    public var at: Instant
    /// Who, such as `user:alice`.
    public var principal: String
    /// From which address; empty where it came from the machine itself.
    public var address: String
    /// The id of the request, as it stands in logs and error bodies.
    public var request: String
    /// What was done, noun first, such as `user.create`.
    public var action: String
    /// To what.
    public var target: String
    /// `allowed`, `denied` or `failed`.
    public var outcome: String
    /// Why: the rule that decided, or what went wrong.
    public var reason: String
    /// What changed.
    public var details: [String: String]
    /// How often the same happened within a short time.
    public var times: Int64
    /// The number of the seal that it is chained by; not given until it is.
    public var seal: Int64?

    /// States the values.
    public init(
        id: Int64,
        at: Instant,
        principal: String,
        address: String,
        request: String,
        action: String,
        target: String,
        outcome: String,
        reason: String,
        details: [String: String] = [:],
        times: Int64 = 1,
        seal: Int64? = nil
    ) {
        self.id = id
        self.at = at
        self.principal = principal
        self.address = address
        self.request = request
        self.action = action
        self.target = target
        self.outcome = outcome
        self.reason = reason
        self.details = details
        self.times = times
        self.seal = seal
    }
}
