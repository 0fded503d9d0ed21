import Metadata
import Synchronization

/// What is known of the way to the server, for all lanes: one of them tries again while the others wait, or refuse.
final class Reachability: Sendable {
    /// What a lane without a connection does.
    enum Decision {
        case connect
        case wait(Duration)
        case refuse(MetadataError)
    }

    private struct State {
        var failingSince: ContinuousClock.Instant?
        var nextTry = ContinuousClock.now
        var delay = Reachability.delayMin
        var error = MetadataError(.unavailable, "PostgreSQL cannot be reached")
    }

    private static let delayMin = Duration.milliseconds(20)
    private static let delayMax = Duration.seconds(2)

    private let patience: Duration
    private let state = Mutex(State())

    init(patience: Duration) {
        self.patience = patience
    }

    /// What a lane does that needs a connection since `begun`.
    func decision(since begun: ContinuousClock.Instant, now: ContinuousClock.Instant = .now) -> Decision {
        state.withLock { state in
            guard let failing = state.failingSince else { return .connect }
            guard now < state.nextTry else {
                // The others wait for what this one finds.
                state.nextTry = now + state.delay
                return .connect
            }
            guard now - failing < patience, now - begun < patience else { return .refuse(state.error) }
            return .wait(state.nextTry - now)
        }
    }

    func succeeded() {
        state.withLock { $0 = State() }
    }

    /// Notes that a connection could not be made; the next is tried after twice as long, and not by all at once.
    func failed(_ error: MetadataError, now: ContinuousClock.Instant = .now) {
        state.withLock { state in
            state.failingSince = state.failingSince ?? now
            state.error = error
            state.nextTry = now + state.delay * Double.random(in: 0.5...1)
            state.delay = min(state.delay * 2, Self.delayMax)
        }
    }
}
