/// How long anything may take, and how many of it there may be.
///
/// The header of an answer has limits too, which are the transport's: in HTTP/1.1 256 fields, 80 KiB each and 2 MiB in
/// all; in HTTP/2 16 KiB in all.
public struct OutgoingLimits: Sendable, Equatable {
    /// How long it may take to find a name, to connect, and to agree on TLS; with a proxy, its part as well.
    ///
    /// A request that waits for one of `connectionsPerServerMax` to become free has this time too.
    public var connectTimeout: Duration = .seconds(10)
    /// How long a server may think, from the last byte of the request to the first of the answer.
    public var firstByteTimeout: Duration = .seconds(300)
    /// How long a server may neither send a byte that is waited for, nor take one.
    public var stallTimeout: Duration = .seconds(60)
    /// How long a connection is kept that nobody uses.
    ///
    /// Shorter than what servers usually keep theirs: a request on a connection that the server just closed is lost.
    public var idleTimeout: Duration = .seconds(30)
    /// How many connections of HTTP/1.1 there are to one server.
    public var connectionsPerServerMax = 64
    /// How many redirects one request follows at most.
    public static let redirectsMax = 5
    /// How many addresses of a name are tried.
    static let candidatesMax = 4
    /// How many ways to servers are kept that nobody uses.
    static let idleRoutesMax = 16
    /// How much of the body of a redirect is read to keep its connection.
    static let discardedBodyMax = 16 * 1024

    /// The usual ones.
    public init() {}
}
