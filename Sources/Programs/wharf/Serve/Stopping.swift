import Glibc
import Logging

/// How a server hears that it is to stop, and for how long it waits for what has to.
///
/// Invariant: from the first signal to the end of the process another one ends it at once.
struct Stopping: Sendable {
    /// How long that may take which runs beside the requests: work that was told to stop, and what is written last.
    ///
    /// What a job does stops at once, and what became of it is one write: only a database or a store that does not
    /// answer needs longer.
    static let patience = Duration.seconds(10)

    private let firsts: AsyncStream<CInt>
    private let log: Logger

    /// Hears the signals of the process from now on: the first is kept for ``first()``, each after it ends the process,
    /// whatever is being waited for.
    init(log: Logger) {
        let (signals, (firsts, first)) = (Signals.stops(), AsyncStream.makeStream(of: CInt.self))
        (self.firsts, self.log) = (firsts, log)
        Task {
            var isStopping = false
            for await signal in signals {
                guard isStopping else {
                    isStopping = true
                    first.yield(signal)
                    continue
                }
                log.error(
                    "stopped at once: a second signal has come; what was under way is cut off",
                    metadata: ["signal": .string(Signals.name(signal))]
                )
                _exit(1)
            }
        }
    }

    /// The name of the first signal, once it has come.
    func first() async -> String {
        var coming = firsts.makeAsyncIterator()
        return await coming.next().map(Signals.name) ?? "none"
    }

    /// Waits until something has ended, for a while; whether it has.
    static func wait(
        atMost patience: Duration = patience,
        for ending: @escaping @Sendable () async -> Void
    ) async -> Bool {
        let (answers, continuation) = AsyncStream.makeStream(of: Bool.self)
        Task {
            await ending()
            continuation.yield(true)
        }
        let clock = Task {
            try await Task.sleep(for: patience)
            continuation.yield(false)
        }
        var coming = answers.makeAsyncIterator()
        let hasEnded = await coming.next() ?? false
        clock.cancel()
        return hasEnded
    }

    /// Ends a process in which something does not end.
    func abandon(_ what: String) -> Never {
        log.error(
            "stopped, but not in order: something has not ended in time, and ends with the process",
            metadata: ["what": .string(what), "time": .string("\(Self.patience)")]
        )
        _exit(1)
    }
}
