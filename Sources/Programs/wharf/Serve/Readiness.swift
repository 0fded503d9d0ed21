import Synchronization

/// Whether the server can serve, for whoever asks `/readyz`.
///
/// Anybody may ask, as often as they like: each store is looked at every two seconds at most, and has three to answer.
struct Readiness: Sendable {
    private let looks: [SharedLook]
    private let isDraining: RaisedFlag

    init(of installation: Installation, isDraining: RaisedFlag) {
        var looks = [
            SharedLook("the database") { await installation.databaseProblem() },
            SharedLook("the storage") { await installation.storageProblem() },
        ]
        if let bucket = installation.bucket { looks.append(SharedLook("the bucket") { await bucket.problem() }) }
        self.looks = looks
        self.isDraining = isDraining
    }

    /// What is in the way, as sentences: seen now or shortly before.
    func problems() async -> [String] {
        if isDraining.isRaised { return ["the server is shutting down"] }
        var problems: [String] = []
        for look in looks {
            if let problem = await look.problem() { problems.append(problem) }
        }
        return problems
    }
}

/// A look at a store, for all who ask while it lasts and shortly after.
///
/// It is nobody's own: one who leaves before the answer would be told to the others as a store that is away.
private final class SharedLook: Sendable {
    private struct State {
        var look: Task<String?, Never>?
        /// When it ended; nil while it goes on.
        var end: ContinuousClock.Instant?
        /// Whether the store has not answered yet, perhaps long after the look has ended without it.
        var isAsking = false
    }

    /// How long it holds what was seen.
    private static let lifetime = Duration.seconds(2)
    /// How long the store may take to answer.
    private static let patience = Duration.seconds(3)

    private let name: String
    private let ask: @Sendable () async -> String?
    private let state = Mutex(State())

    /// - Parameters:
    ///   - name: The store.
    ///   - ask: Says what is wrong with it; nil when it can be used.
    init(_ name: String, ask: @escaping @Sendable () async -> String?) {
        (self.name, self.ask) = (name, ask)
    }

    /// What is wrong; nil when nothing is.
    func problem() async -> String? {
        let look = state.withLock { state in
            if let look = state.look {
                guard let end = state.end, !state.isAsking, end + Self.lifetime < .now else { return look }
            }
            let look = Task { await lookNow() }
            state = State(look: look, isAsking: true)
            return look
        }
        return await look.value
    }

    private func lookNow() async -> String? {
        let (answers, answer) = AsyncStream.makeStream(of: String?.self)
        let asking = Task {
            answer.yield(await ask())
            state.withLock { $0.isAsking = false }
        }
        let waiting = Task {
            guard (try? await Task.sleep(for: Self.patience)) != nil else { return }
            answer.yield("\(name) does not answer within \(Self.patience)")
            asking.cancel()
        }
        var problem: String?
        for await first in answers {
            problem = first
            break
        }
        waiting.cancel()
        state.withLock { $0.end = .now }
        return problem
    }
}
