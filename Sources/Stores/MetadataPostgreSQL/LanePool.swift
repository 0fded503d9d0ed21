import Dispatch
import Metadata
import Synchronization

/// Lets reads and writes into the lanes, in the order in which they came.
///
/// - A write waits while as many write as may, or while one about the same subject does: then what came after it goes
///   first. So a burst of writes leaves lanes to the reads, and one busy repository leaves lanes to the others.
/// - What waits is bounded in number and in time; more is refused as busy. What is cancelled waits no longer.
/// - Nobody waits for a second lane: a closure gets a connection and no way to the engine, and what an engine does for
///   a write (asking about a lost commit) it does in the same lane.
final class LanePool: Sendable {
    /// What is to be done in a lane.
    struct Work: Sendable {
        /// Whether it writes; nil for a read.
        let isWrite: Bool
        let subject: WriteSubject?
        /// Does it and answers the caller; throws ``NoConnectionLeft`` when another lane should do it.
        let run: @Sendable (Lane) throws -> Void
        /// Answers the caller that nothing has happened.
        let fail: @Sendable (any Error) -> Void
    }

    private let lanes: [Lane]
    private let timer = DispatchQueue(label: "metadata.admission")
    private let state: Mutex<Admission>

    init(lanes: [Lane], options: PostgreSQLOptions) {
        self.lanes = lanes
        state = Mutex(Admission(laneCount: lanes.count, options))
    }

    /// Runs something in a lane, as soon as there is one for it.
    func perform<Value: Sendable>(
        isWrite: Bool,
        about subject: WriteSubject? = nil,
        _ body: @escaping @Sendable (Lane) throws -> Value
    ) async throws -> Value {
        let ticket = state.withLock { $0.nextTicket() }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Value, any Error>) in
                let work = Work(isWrite: isWrite, subject: subject) { lane in
                    let result = Result { try body(lane) }
                    if case .failure(let error as NoConnectionLeft) = result { throw error }
                    continuation.resume(with: result)
                } fail: { error in
                    continuation.resume(throwing: error)
                }
                enqueue(work, ticket)
                // The handler may have come before there was anything to cancel.
                if Task.isCancelled { cancel(ticket) }
            }
        } onCancel: {
            cancel(ticket)
        }
    }

    /// Has something done in a lane; nobody waits for it here.
    func submit(_ work: Work) {
        enqueue(work, state.withLock { $0.nextTicket() })
    }

    /// Refuses what comes from now on, and lets the server go when what runs or waits has ended.
    func close() async {
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { $0.close { continuation.resume() } }
            if isIdle { continuation.resume() }
        }
        for lane in lanes {
            await withCheckedContinuation { continuation in
                lane.queue.async {
                    lane.drop()
                    continuation.resume()
                }
            }
        }
    }

    private func enqueue(_ work: Work, _ ticket: Int) {
        do throws(MetadataError) {
            try state.withLock { (state) throws(MetadataError) in try state.add(work, ticket) }
        } catch {
            work.fail(error)
            return
        }
        startLanes()
        setTimer()
    }

    private func cancel(_ ticket: Int) {
        state.withLock { $0.remove(ticket) }?.fail(CancellationError())
    }

    private func startLanes() {
        while let (number, work) = state.withLock({ $0.start() }) {
            let lane = lanes[number]
            lane.queue.async { self.serve(lane, number, first: work) }
        }
    }

    /// Does one thing after another in a lane, until nothing waits that it may do.
    private func serve(_ lane: Lane, _ number: Int, first: Admission.Entry) {
        var next: Admission.Entry? = first
        while let entry = next {
            do {
                try entry.work.run(lane)
                next = state.withLock { $0.next(after: entry, in: number, isConnected: lane.isConnected) }
            } catch is NoConnectionLeft {
                // The lanes that have a connection do it; this one rests.
                state.withLock { $0.putBack(entry, from: number) }
                setTimer()
                next = nil
            } catch {
                next = state.withLock { $0.next(after: entry, in: number, isConnected: lane.isConnected) }
            }
        }
        // What waited for this lane's subject may go in another as well.
        startLanes()
        state.withLock { $0.takeClosing() }?()
    }

    /// Refuses what waits for too long, once the oldest does.
    private func setTimer() {
        guard let end = state.withLock({ $0.setTimer() }) else { return }
        let (seconds, attoseconds) = max(end - .now, .zero).components
        let milliseconds = Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000) + 1
        timer.asyncAfter(deadline: .now() + .milliseconds(milliseconds)) { [self] in
            for work in state.withLock({ $0.removeExpired() }) {
                work.fail(MetadataError(.busy, "no connection to PostgreSQL became free in time"))
            }
            setTimer()
        }
    }
}
