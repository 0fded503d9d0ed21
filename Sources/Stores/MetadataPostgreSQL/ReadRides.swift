import Metadata
import Synchronization

/// Asks single questions of many reads together: what waits while others are on their way goes with the next ride.
///
/// A ride is a lane's: it takes all that waits, sends it as one, and hands out the answers, until nothing waits any
/// more. So a read alone goes at once, and of many at a time each costs a fraction of a round trip and of a change of
/// threads.
final class ReadRides: Sendable {
    /// How many are on their way at once: with two, one is filled while the other is under way.
    private static let rideMax = 2
    /// How many questions go with one ride.
    private static let seatCount = 64

    private struct Passenger: Sendable {
        let question: Question
        let continuation: CheckedContinuation<[[SQLValue]], any Error>
    }

    private struct State {
        var waiting: [Passenger] = []
        var rideCount = 0
    }

    private let pool: LanePool
    private let waitingMax: Int
    private let state = Mutex(State())

    init(_ pool: LanePool, options: PostgreSQLOptions) {
        self.pool = pool
        waitingMax = max(options.waitingMax, 1)
    }

    /// The rows that answer a question, as they are at a moment after it was asked.
    func ask(_ question: Question) async throws -> [[SQLValue]] {
        try await withCheckedThrowingContinuation { continuation in
            enter(Passenger(question: question, continuation: continuation))
        }
    }

    private func enter(_ passenger: Passenger) {
        let startsRide: Bool? = state.withLock { state in
            guard state.waiting.count < waitingMax else { return nil }
            state.waiting.append(passenger)
            guard state.rideCount < Self.rideMax else { return false }
            state.rideCount += 1
            return true
        }
        guard let startsRide else {
            let error = MetadataError(.busy, "too many reads wait for PostgreSQL")
            return passenger.continuation.resume(throwing: error)
        }
        guard startsRide else { return }
        pool.submit(
            LanePool.Work(isWrite: false, subject: nil) {
                try self.ride(in: $0)
            } fail: {
                self.failWaiting($0)
            }
        )
    }

    /// Asks and answers until nothing waits.
    private func ride(in lane: Lane) throws {
        while let passengers = board() {
            do {
                let answers = try lane.answers(to: passengers.map(\.question))
                for (passenger, answer) in zip(passengers, answers) { passenger.continuation.resume(with: answer) }
            } catch let error as NoConnectionLeft {
                state.withLock { $0.waiting = passengers + $0.waiting }
                throw error
            } catch {
                for passenger in passengers { passenger.continuation.resume(throwing: error) }
            }
        }
    }

    /// Those who go with the next ride; nil when nobody waits, and the ride is over.
    private func board() -> [Passenger]? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.rideCount -= 1
                return nil
            }
            let passengers = Array(state.waiting.prefix(Self.seatCount))
            state.waiting.removeFirst(passengers.count)
            return passengers
        }
    }

    /// The ride that was to take them gets no lane.
    private func failWaiting(_ error: any Error) {
        let passengers = state.withLock { state in
            state.rideCount -= 1
            // Another ride takes them.
            guard state.rideCount == 0 else { return [Passenger]() }
            defer { state.waiting = [] }
            return state.waiting
        }
        for passenger in passengers { passenger.continuation.resume(throwing: error) }
    }
}
