@preconcurrency import Dispatch
import Glibc

/// The signals that ask a server to stop.
enum Signals {
    /// Gives one element for each SIGTERM, SIGINT or SIGHUP from now on.
    ///
    /// SIGHUP only if it was not ignored: who starts a server under nohup(1) wants it to outlive the terminal.
    static func stops() -> AsyncStream<CInt> {
        AsyncStream { continuation in
            let numbers = [SIGTERM, SIGINT] + (isIgnored(SIGHUP) ? [] : [SIGHUP])
            let sources = numbers.map { number in
                signal(number, SIG_IGN)
                let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
                source.setEventHandler { continuation.yield(number) }
                source.resume()
                return source
            }
            continuation.onTermination = { _ in
                for source in sources { source.cancel() }
            }
        }
    }

    /// What one of these signals is called.
    static func name(_ number: CInt) -> String {
        [SIGTERM: "SIGTERM", SIGINT: "SIGINT", SIGHUP: "SIGHUP"][number] ?? "signal \(number)"
    }

    private static func isIgnored(_ number: CInt) -> Bool {
        var action = sigaction()
        guard sigaction(number, nil, &action) == 0 else { return false }
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
            == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}
