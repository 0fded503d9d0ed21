@preconcurrency import Dispatch
import Glibc

/// The signals that ask a server to stop.
enum Signals {
    /// Gives one element for each SIGTERM or SIGINT from now on.
    static func stops() -> AsyncStream<CInt> {
        AsyncStream { continuation in
            let sources = [SIGTERM, SIGINT].map { number in
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
}
