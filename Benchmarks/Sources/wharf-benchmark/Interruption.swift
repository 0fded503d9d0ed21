import Glibc
import Synchronization

/// SIGINT and SIGTERM as an error thrown at the next wait, so that servers are stopped on the way out.
enum Interruption {
    private static let isRequested = Atomic<Bool>(false)

    static func install() {
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number) { _ in Interruption.isRequested.store(true, ordering: .relaxed) }
        }
    }

    static func check() throws {
        if isRequested.load(ordering: .relaxed) { throw Failure("interrupted") }
    }
}
