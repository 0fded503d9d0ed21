public import Outgoing

/// Who is told of each request of a client.
public protocol RequestObserver: Sendable {
    /// A request has its answer's header, or has failed.
    func note(_ record: RequestRecord)
}

/// A request that was sent, without secrets.
public struct RequestRecord: Sendable {
    /// The method.
    public var method: OutgoingMethod
    /// The URL without its query, which may be signed.
    public var url: String
    /// The status of the answer; nil where there was none.
    public var status: Int?
    /// Why there was no answer.
    public var failure: String?
    /// How long it took until the header of the answer was there.
    public var duration: Duration
    /// Whether a token or a password went along.
    public var isAuthorized: Bool
}

extension RequestRecord: CustomStringConvertible {
    /// Such as `GET https://registry.example/v2/ 200 in 12 ms`.
    public var description: String {
        let (seconds, attoseconds) = duration.components
        let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
        return "\(method) \(url) \(status.map { "\($0)" } ?? failure ?? "") in \(milliseconds) ms"
    }
}
