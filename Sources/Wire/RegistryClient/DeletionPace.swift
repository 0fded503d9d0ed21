import Synchronization

/// Whether a registry has deleted a manifest when it says that it will (`202 Accepted`), as far as that is known.
final class DeletionPace: Sendable {
    enum Pace: Sendable {
        /// Nobody has looked yet, or it was later and worth the wait.
        case unsure
        /// The manifest was gone when the answer came.
        case prompt
        /// It was waited for in vain.
        case endless
    }

    private let state = Mutex(Pace.unsure)

    /// What the last look has shown.
    var pace: Pace {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}
