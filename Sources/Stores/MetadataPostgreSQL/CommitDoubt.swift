import Glibc
import Metadata

/// A commit whose answer was lost: the transaction may have happened, or not.
struct CommitDoubt: Error {
    /// What became of it.
    enum End {
        case committed, undone
    }

    /// The transaction's number; nil when it was lost before it had one.
    let number: Int64?
    /// The server's process that had it.
    let processID: Int64
    /// The life of the server in which the number was given.
    let life: String
    /// How the connection was lost.
    let cause: any Error

    /// How long a transaction that has not ended yet is waited for, before its process is ended.
    private static let endingAfter = Duration.seconds(1)
    /// How long it is asked about at all.
    private static let askingMax = Duration.seconds(5)

    /// What became of it, asked on another connection; throws when the server cannot tell.
    func end(on connection: Connection) throws -> End {
        guard let number else { return .undone }
        guard connection.life == life else {
            throw Unknown(description: "the server has crashed since, or is another one")
        }
        let start = ContinuousClock.now
        while start.duration(to: .now) < Self.askingMax {
            let mayEnd = start.duration(to: .now) > Self.endingAfter
            switch try status(of: number, on: connection, ending: mayEnd) {
            case "committed": return .committed
            case "aborted": return .undone
            case "in progress": usleep(10_000)
            default: throw Unknown(description: "the server no longer knows")
            }
        }
        throw Unknown(description: "the transaction has not ended")
    }

    /// Where the process that has it waits for a client that is gone, it would keep what it has locked.
    private func status(of number: Int64, on connection: Connection, ending: Bool) throws -> String {
        let status = "pg_xact_status(CAST($1 AS xid8))"
        let sql =
            ending
            ? """
            SELECT \(status),
                   CASE WHEN \(status) = 'in progress'
                        THEN CAST(pg_terminate_backend(CAST($2 AS INTEGER)) AS TEXT) END
            """
            : "SELECT \(status), $2"
        guard case .text(let found) = try connection.ask(sql, ["\(number)", "\(processID)"]).first?.first else {
            return "unknown"
        }
        return found
    }

    /// What is thrown when the server cannot be asked, or cannot tell.
    func unknown(_ reason: any Error) -> MetadataError {
        MetadataError(
            .unavailable,
            "the connection was lost during a commit, and whether it happened is unknown: \(reason)",
            underlying: CommitUnknown(cause: cause)
        )
    }

    private struct Unknown: Error, CustomStringConvertible {
        let description: String
    }
}

/// Stands under the error of a write that may have happened, and must not be repeated.
struct CommitUnknown: Error {
    /// How the connection was lost.
    let cause: any Error
}
