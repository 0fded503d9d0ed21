import Metadata

/// Who is in a lane, who waits, and who is next.
struct Admission {
    /// What waits, and since when.
    struct Entry: Sendable {
        let ticket: Int
        let work: LanePool.Work
        let end: ContinuousClock.Instant
    }

    /// A lane without work, and whether it has kept a connection.
    private struct Resting {
        let lane: Int
        let isConnected: Bool
    }

    private let options: PostgreSQLOptions
    private var ticketCount = 0
    private var waiting: ArraySlice<Entry> = []
    /// The lanes that rest; the last one that did is the first to go on.
    private var resting: [Resting]
    private let laneCount: Int
    private var writeCount = 0
    private var subjects: Set<WriteSubject> = []
    /// Lanes without a connection rest until then, since the server has none left for them, while others have one.
    private var scarceUntil: ContinuousClock.Instant?
    private var isTimerSet = false
    private var isClosed = false
    private var closing: (@Sendable () -> Void)?

    /// How long a server that had no connection left is not asked for one.
    private static let scarceDuration = Duration.seconds(2)

    init(laneCount: Int, _ options: PostgreSQLOptions) {
        self.options = options
        self.laneCount = laneCount
        resting = (0..<laneCount).reversed().map { Resting(lane: $0, isConnected: false) }
    }

    mutating func nextTicket() -> Int {
        ticketCount += 1
        return ticketCount
    }

    /// When a timer must come next, to refuse what has waited for too long; nil when nothing waits, or one will come.
    mutating func setTimer() -> ContinuousClock.Instant? {
        guard !isTimerSet, let end = waiting.map(\.end).min() else { return nil }
        isTimerSet = true
        return end
    }

    /// Lets something wait.
    mutating func add(_ work: LanePool.Work, _ ticket: Int) throws(MetadataError) {
        guard !isClosed else { throw MetadataError.closed }
        guard waiting.count < options.waitingMax else {
            throw MetadataError(.busy, "\(options.waitingMax) reads and writes wait for PostgreSQL already")
        }
        waiting.append(Entry(ticket: ticket, work: work, end: .now + options.waitDuration))
    }

    mutating func remove(_ ticket: Int) -> LanePool.Work? {
        guard let place = waiting.firstIndex(where: { $0.ticket == ticket }) else { return nil }
        return waiting.remove(at: place).work
    }

    /// What has waited for too long, when the timer comes.
    mutating func removeExpired(now: ContinuousClock.Instant = .now) -> [LanePool.Work] {
        isTimerSet = false
        let expired = waiting.filter { $0.end <= now }
        waiting.removeAll { $0.end <= now }
        return expired.map(\.work)
    }

    /// A lane that rests, and what it is to do; nil when there is no such lane, or nothing to do.
    mutating func start() -> (lane: Int, entry: Entry)? {
        let connected = resting.lastIndex { $0.isConnected }
        guard let place = connected ?? (isScarce ? nil : resting.indices.last), let entry = takeNext() else {
            return nil
        }
        return (resting.remove(at: place).lane, entry)
    }

    /// What a lane does after something; nil when it rests.
    mutating func next(after entry: Entry, in lane: Int, isConnected: Bool) -> Entry? {
        leave(entry)
        if let next = takeNext() { return next }
        resting.append(Resting(lane: lane, isConnected: isConnected))
        return nil
    }

    /// Gives something back that a lane could not do for want of a connection, to be the next of all.
    ///
    /// Nothing is refused here: the lanes that have a connection do it, whether they work or rest. Where none has one
    /// any more, the next lane that tries finds out whether the server has one for it, and refuses with its reason.
    mutating func putBack(_ entry: Entry, from lane: Int) {
        leave(entry)
        // Below all others: those that were at work come first.
        resting.insert(Resting(lane: lane, isConnected: false), at: 0)
        scarceUntil = .now + Self.scarceDuration
        waiting.insert(entry, at: waiting.startIndex)
    }

    /// Refuses what comes from now on; whether nothing runs or waits, and else `ended` is called once it does not.
    mutating func close(_ ended: @escaping @Sendable () -> Void) -> Bool {
        isClosed = true
        guard waiting.isEmpty, resting.count == laneCount else {
            closing = ended
            return false
        }
        return true
    }

    /// Whom to tell that nothing runs any longer; nil while something does, or nobody asked.
    mutating func takeClosing() -> (@Sendable () -> Void)? {
        guard waiting.isEmpty, resting.count == laneCount else { return nil }
        defer { closing = nil }
        return closing
    }

    /// Whether a lane without a connection had better rest; not when there is no other that could do what waits.
    private var isScarce: Bool {
        guard let scarceUntil, scarceUntil > .now else { return false }
        return resting.count < laneCount || resting.contains { $0.isConnected }
    }

    private mutating func takeNext() -> Entry? {
        let place = waiting.firstIndex { entry in
            guard entry.work.isWrite else { return true }
            guard writeCount < options.connectionCount - options.readConnectionCount else { return false }
            return entry.work.subject.map { !subjects.contains($0) } ?? true
        }
        guard let place else { return nil }
        let entry = waiting.remove(at: place)
        if entry.work.isWrite {
            writeCount += 1
            if let subject = entry.work.subject { subjects.insert(subject) }
        }
        return entry
    }

    private mutating func leave(_ entry: Entry) {
        guard entry.work.isWrite else { return }
        writeCount -= 1
        if let subject = entry.work.subject { subjects.remove(subject) }
    }
}
