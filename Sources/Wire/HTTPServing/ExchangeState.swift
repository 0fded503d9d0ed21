/// Where a connection (or a stream of HTTP/2) stands in the exchange of requests and answers.
///
///     idle --head--> serving --answer out--> idle         when the request had ended and the connection lives on
///      |                |    --answer out--> discarding   when it had not: its rest is read and dropped
///      |                |    --answer out--> lingering    when it had not, and the answer was the last
///      |                |    --answer out--> closed       when it had, and the answer was the last
///      |            discarding --end--> idle, or closed after the last
///      |                       --too much--> closed
///      --not a request--> lingering --too much--> closed
///
/// Each but idle is left for closed by the end of the connection as well. One request is served at a time; what a
/// client sends ahead waits in the connection.
struct ExchangeState {
    enum Phase: Equatable {
        /// Nothing to do; the next event is a head, or the end of the connection.
        case idle
        /// A request is being answered.
        case serving
        /// The answer is out; up to this many more bytes of the request are dropped.
        case discarding(Int)
        /// The last answer is out; up to this many more bytes are dropped until the client ends the connection. A
        /// connection that is closed with bytes unread is reset, and the client may lose the answer with it.
        case lingering(Int)
        /// Nothing more will be read.
        case closed
    }

    /// What is to be done after an event.
    enum Action: Equatable {
        /// Nothing more.
        case none
        /// The next request may be looked at.
        case proceed
        /// Nothing more is sent, and the client has a short time to end the connection.
        case linger
        /// The connection is to be closed.
        case close
    }

    /// How many bytes of an unwanted body are read so that the client sees the answer instead of a broken connection.
    static let discardByteCountMax = 4 << 20

    private(set) var phase = Phase.idle
    /// Whether the request that is being served has been received whole.
    private(set) var requestEnded = true
    /// Whether this exchange is the last one of the connection.
    private(set) var isLast = false

    var isServing: Bool { phase == .serving }

    mutating func begin(keepAlive: Bool) {
        phase = .serving
        requestEnded = false
        if !keepAlive { isLast = true }
    }

    /// This exchange is the last of the connection.
    mutating func endAfterThis() {
        isLast = true
    }

    /// No further exchange is wanted.
    mutating func quiesce() -> Action {
        isLast = true
        guard phase == .idle else { return .none }
        phase = .closed
        return .close
    }

    /// What came is no request: the answer that says so is the last.
    mutating func refuse() {
        isLast = true
        phase = .lingering(Self.discardByteCountMax)
    }

    /// Bytes came that nobody will read.
    mutating func discard(_ byteCount: Int) -> Action {
        switch phase {
        case .discarding(let left) where byteCount <= left:
            phase = .discarding(left - byteCount)
            return .none
        case .lingering(let left) where byteCount <= left:
            phase = .lingering(left - byteCount)
            return .none
        case .discarding, .lingering:
            phase = .closed
            return .close
        case .idle, .serving, .closed:
            return .none
        }
    }

    mutating func endRequest() -> Action {
        requestEnded = true
        guard case .discarding = phase else { return .none }
        return finish()
    }

    /// The answer is out.
    ///
    /// A client that was never told to send its body will not send it, or cannot know that the answer came first: such
    /// a connection ends here.
    mutating func endResponse(bodyWasWithheld: Bool) -> Action {
        guard phase == .serving else { return .none }
        if requestEnded { return finish() }
        if isLast || bodyWasWithheld {
            isLast = true
            phase = .lingering(Self.discardByteCountMax)
            return .linger
        }
        phase = .discarding(Self.discardByteCountMax)
        return .none
    }

    mutating func close() {
        phase = .closed
    }

    private mutating func finish() -> Action {
        phase = isLast ? .closed : .idle
        return isLast ? .close : .proceed
    }
}
