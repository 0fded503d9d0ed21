import GRDB
import Metadata

/// What begins or ends a transaction, or a part of one that can fail alone.
enum TransactionControl: String, Hashable {
    case beginReading = "BEGIN DEFERRED"
    case beginWriting = "BEGIN IMMEDIATE"
    case commit = "COMMIT"
    case rollback = "ROLLBACK"
    case beginPart = "SAVEPOINT part"
    case endPart = "RELEASE part"
    case undoPart = "ROLLBACK TO part"
}

/// What was prepared on one connection, for its lifetime: there are only as many texts as in the module of the facts.
final class PreparedStatements {
    private var statements: [Metadata.Statement: GRDB.Statement] = [:]
    private var controls: [TransactionControl: GRDB.Statement] = [:]

    /// The handle of a statement, prepared at its first use.
    func handle(of statement: Metadata.Statement, on database: Database) throws -> OpaquePointer {
        if let known = statements[statement] { return known.sqliteStatement }
        let made = try prepare(Dialect.sqlite.text(statement), on: database)
        statements[statement] = made
        return made.sqliteStatement
    }

    /// The handle of a control, prepared at its first use.
    func handle(of control: TransactionControl, on database: Database) throws -> OpaquePointer {
        if let known = controls[control] { return known.sqliteStatement }
        let made = try prepare(control.rawValue, on: database)
        controls[control] = made
        return made.sqliteStatement
    }

    /// Lets everything go, so that the connection can be closed.
    func removeAll() {
        statements = [:]
        controls = [:]
    }

    private func prepare(_ sql: String, on database: Database) throws -> GRDB.Statement {
        do {
            return try database.makeStatement(sql: sql)
        } catch {
            throw MetadataError.mapped(error, "preparing: \(sql)")
        }
    }
}
