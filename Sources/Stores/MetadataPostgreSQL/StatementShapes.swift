import CPostgreSQL
import Metadata
import Synchronization

/// How a statement is called on every connection, and what it takes.
struct Shape: Sendable {
    /// Its name once it is prepared.
    let name: String
    /// The text for PostgreSQL.
    let sql: String
    /// The types of its arguments; nil until the server was asked.
    var types: [Oid]?
}

/// What is known of the statements, for all connections of an engine: each asks only for what none has asked before.
///
/// It is as large as the constants of Metadata are many.
final class StatementShapes: Sendable {
    private let shapes = Mutex<[Statement: Shape]>([:])

    func shape(of statement: Statement) -> Shape {
        shapes.withLock { shapes in
            if let known = shapes[statement] { return known }
            let shape = Shape(name: "s\(shapes.count)", sql: Dialect.postgreSQL.text(statement), types: nil)
            shapes[statement] = shape
            return shape
        }
    }

    func learn(_ types: [Oid], of statement: Statement) {
        shapes.withLock { $0[statement]?.types = types }
    }
}

/// What an engine asks of its own, to begin and end transactions.
enum Control: String, CaseIterable {
    case beginReading = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    case beginWriting = "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE"
    case beginDelivering = "BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE"
    case commit = "COMMIT"
    case rollback = "ROLLBACK"
    /// The number of the transaction, by which its end is known even if the answer to the commit is lost; waits while
    /// somebody writes who has lost often and holds the number of the argument alone.
    case transactionNumber = """
        SELECT CAST(CAST(pg_current_xact_id() AS TEXT) AS BIGINT) FROM pg_advisory_xact_lock_shared($1)
        """
    /// Waits until no other session holds a number.
    case lock = "SELECT pg_advisory_lock($1)"
    case unlock = "SELECT pg_advisory_unlock($1)"

    var shape: Shape {
        switch self {
        case .lock, .unlock, .transactionNumber: Shape(name: "\(self)", sql: rawValue, types: [ColumnType.integer])
        default: Shape(name: "\(self)", sql: rawValue, types: [])
        }
    }
}
