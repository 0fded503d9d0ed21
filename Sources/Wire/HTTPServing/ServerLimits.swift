/// What a client may ask of a connection.
///
/// Every wait and every size on the wire has its bound here.
public struct ServerLimits: Sendable {
    /// The longest wait for a request, on a new connection, until its header is whole.
    public var headerTimeout: Duration
    /// The longest wait for the next request on a connection.
    public var idleTimeout: Duration
    /// The longest time in which a transfer makes next to no progress.
    ///
    /// There is no limit to the whole.
    public var stallTimeout: Duration
    /// The most bytes of one header field.
    public var headerFieldByteCountMax: Int
    /// The most bytes of all header fields of a request.
    public var headerByteCountMax: Int
    /// The most connections at once; what comes above is closed at once.
    public var connectionCountMax: Int
    /// The largest window of HTTP/2, of a stream and of a connection, in bytes: throughput is at most window by round
    /// trip.
    public var http2WindowByteCount: Int
    /// The most streams of one HTTP/2 connection at once.
    public var http2StreamCountMax: Int
    /// The most bytes of all streams of all connections of HTTP/2 that have come and are not read yet: what the windows
    /// come to together.
    public var http2UploadByteCountMax: Int

    /// Fewer bytes than this in a stall timeout are no progress.
    static let progressByteCountMin = 1024

    /// States the limits; what is not given is as in the documentation of the configuration.
    public init(
        headerTimeout: Duration = .seconds(30),
        idleTimeout: Duration = .seconds(120),
        stallTimeout: Duration = .seconds(60),
        headerFieldByteCountMax: Int = 16 << 10,
        headerByteCountMax: Int = 64 << 10,
        connectionCountMax: Int = 10_000,
        http2WindowByteCount: Int = 4 << 20,
        http2StreamCountMax: Int = 100,
        http2UploadByteCountMax: Int = 256 << 20
    ) {
        self.headerTimeout = headerTimeout
        self.idleTimeout = idleTimeout
        self.stallTimeout = stallTimeout
        self.headerFieldByteCountMax = headerFieldByteCountMax
        self.headerByteCountMax = headerByteCountMax
        self.connectionCountMax = connectionCountMax
        self.http2WindowByteCount = http2WindowByteCount
        self.http2StreamCountMax = http2StreamCountMax
        self.http2UploadByteCountMax = http2UploadByteCountMax
    }
}
