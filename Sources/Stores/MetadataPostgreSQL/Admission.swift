import Metadata

/// Who is in a lane, who waits, and who is next.
struct Admission {
    /// What waits, and since when.
    struct Entry: Sendable {
        let ticket: Int
        let work: LanePool.Work
        let end: ContinuousClock.Instant
    }

    private let options: PostgreSQLOptions
    private var ticketCount = 0
    private var waiting: ArraySlice<Entry> = []
    /// The lanes that rest; the last one that did is the first to go on.
    private var resting: [Int]
    private let laneCount: Int
    private var writeCount = 0
    private var subjects: Set<WriteSubject> = []
    /// Lanes without a connection rest until then, since the server has none left for them.
    private var scarceUntil: ContinuousClock.Instant?
    private var scarceCount = 0
    private var isTimerSet = false
    private var isClosed = false
    private var closing: (@Sendable () -> Void)?

    /// How long a server that had no connection left is not asked for one.
    private static let scarceDuration = Duration.seconds(2)

    init(laneCount: Int, _ options: PostgreSQLOptions) {
        self.options = options
        self.laneCount = laneCount
        resting = (0..<laneCount).reversed()
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
        guard !resting.isEmpty, resting.count > scarce, let entry = takeNext(), let lane = resting.popLast() else {
            return nil
        }
        return (lane, entry)
    }

    /// What a lane does after something; nil when it rests.
    mutating func next(after entry: Entry, in lane: Int) -> Entry? {
        leave(entry)
        if let next = takeNext() { return next }
        resting.append(lane)
        return nil
    }

    /// Gives something back that a lane could not do, to be the next of all; false when no other lane is at work.
    mutating func putBack(_ entry: Entry, from lane: Int) -> Bool {
        leave(entry)
        // Below all others: those with a connection come first.
        resting.insert(lane, at: 0)
        guard resting.count < laneCount else { return false }
        scarceUntil = .now + Self.scarceDuration
        scarceCount = resting.count
        waiting.insert(entry, at: waiting.startIndex)
        return true
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

    private var scarce: Int {
        guard let scarceUntil, scarceUntil > .now else { return 0 }
        return scarceCount
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
