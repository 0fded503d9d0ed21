import Glibc
import Metadata

/// The advisory lock of a schema: any number of engines use its tables at the same time, or one that wants to be alone.
///
/// Each connection holds it for as long as it lives, together with all others or for itself. The server sees to
/// it, whichever machines they are on, and takes it back with the connection.
enum AdvisoryLock {
    /// Those of other schemas in the database do not matter.
    private static let number = "hashtextextended('wharf ' || COALESCE(CAST(current_schema() AS TEXT), ''), 0)"

    /// How long the server may take to see that a connection has ended which was let go, or killed, just before.
    private static let patience = Duration.seconds(1)

    /// Joins those who use the tables, or makes sure that there are none and nobody comes.
    static func take(on connection: Connection, alone: Bool) throws {
        let call = alone ? "pg_try_advisory_lock" : "pg_try_advisory_lock_shared"
        let end = ContinuousClock.now + patience
        while true {
            let rows = try connection.ask("SELECT CAST(\(call)(\(number)) AS TEXT)")
            guard rows.first?.first != .text("true") else { return }
            guard ContinuousClock.now < end else { break }
            usleep(50_000)
        }
        guard alone else {
            throw MetadataError(
                .unavailable,
                "it is being moved by `wharf storage migrate`, which lets nobody in meanwhile: start again when that "
                    + "has ended"
            )
        }
        throw MetadataError(
            .busy,
            "it is in use: a server, or another command of wharf, is connected to it. Stop it first"
        )
    }
}
