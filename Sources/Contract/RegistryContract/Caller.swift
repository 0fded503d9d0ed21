/// For whom something is done: what goes into the records, and nothing that decides.
public struct Caller: Sendable, Hashable {
    /// An opaque name that stays the same for the same person or program; `anonymous` for nobody in particular.
    public var id: String
    /// The address that the call came from, without a port.
    public var address: String
    /// The id of the request, as it stands in logs and error bodies.
    public var requestID: String

    /// Names a caller.
    public init(id: String, address: String, requestID: String) {
        self.id = id
        self.address = address
        self.requestID = requestID
    }

    /// The id of a caller who did not say who they are.
    public static let anonymousID = "anonymous"
}
