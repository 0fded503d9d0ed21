import Synchronization

/// One budget of memory for what clients of HTTP/2 may send before it is read, over all streams of all connections.
///
/// A window is a promise: a client may fill it at any time, and what it sends lies in memory until the responder reads
/// on. The window of a connection bounds nothing, because the library opens it again for whatever has arrived; so the
/// windows of the streams have to be bounded together. One half of the budget is for the window that every stream with
/// a body begins with, which bounds how many there may be at once. The other half is lent to those whose bodies are
/// being read, for as long as they come in.
final class WindowBudget: Sendable {
    /// The window that a stream begins with, in bytes: the one of HTTP/2 when nothing else is said (RFC 9113 section
    /// 6.9.2).
    ///
    /// With another one the library would lose count on streams that begin before the client has heard of it.
    static let firstByteCount = 65_535
    /// The most that one stream is lent of what is left: the fourth part, so that there is something for the next ones.
    private static let partMax = 4

    /// The most streams with a body at once, of all connections together.
    let streamCountMax: Int
    private let lendable: Int
    private let lent = Atomic(0)
    private let streams = Atomic(0)
    private let openStreams = Atomic(0)

    /// The most streams of any kind at once, of all connections together: also one that only waits takes memory.
    static let openStreamCountMax = 16_384

    /// How much is lent at this moment, in bytes.
    var lentByteCount: Int { lent.load(ordering: .relaxed) }
    /// How many streams have a body of which more may come.
    var streamCount: Int { streams.load(ordering: .relaxed) }

    init(byteCount: Int) {
        lendable = byteCount / 2
        streamCountMax = max(1, lendable / Self.firstByteCount)
    }

    /// Takes in one more stream; false when there are too many.
    func enterStream() -> Bool {
        if streams.wrappingAdd(1, ordering: .relaxed).newValue <= streamCountMax { return true }
        leaveStream()
        return false
    }

    /// Counts a stream; false when there are too many.
    func openStream() -> Bool {
        if openStreams.wrappingAdd(1, ordering: .relaxed).newValue <= Self.openStreamCountMax { return true }
        closeStream()
        return false
    }

    func closeStream() {
        openStreams.wrappingSubtract(1, ordering: .relaxed)
    }

    func leaveStream() {
        streams.wrappingSubtract(1, ordering: .relaxed)
    }

    /// Lends up to `byteCount` bytes; 0 when there is too little left to be of use.
    func borrow(_ byteCount: Int) -> Int {
        var known = lent.load(ordering: .relaxed)
        while true {
            let part = min(byteCount, (lendable - known) / Self.partMax)
            guard part >= min(byteCount, Self.firstByteCount) else { return 0 }
            let (isDone, current) = lent.compareExchange(expected: known, desired: known + part, ordering: .relaxed)
            if isDone { return part }
            known = current
        }
    }

    func giveBack(_ byteCount: Int) {
        lent.wrappingSubtract(byteCount, ordering: .relaxed)
    }
}
