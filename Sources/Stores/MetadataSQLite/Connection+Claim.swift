import GRDB
import Metadata

extension Connection {
    /// What the header of a database says that is one of ours: "WHRF".
    private static let applicationID = 0x5748_5246

    /// Refuses a database that is another program's or cannot be read; marks an empty one as ours.
    func claim(_ path: String, marking: Bool) throws {
        try run { session in
            do {
                let found = try Int.fetchOne(session.database, sql: "PRAGMA application_id") ?? 0
                let tables = try Int.fetchOne(session.database, sql: "SELECT COUNT(*) FROM sqlite_schema") ?? 0
                guard found != Self.applicationID else { return }
                guard found == 0, tables == 0, marking else {
                    throw MetadataError(.unavailable, "\(path) holds no metadata of this program: move it away")
                }
                try session.database.execute(sql: "PRAGMA application_id = \(Self.applicationID)")
            } catch {
                throw MetadataError.mapped(error, "opening \(path)")
            }
        }
    }
}

extension Session {
    /// How many problems are reported of each check.
    private static let problemsMax = 100

    /// What is wrong with the file, or with what refers to what.
    func integrityProblems() throws -> [String] {
        do {
            let findings = try String.fetchAll(database, sql: "PRAGMA integrity_check(\(Self.problemsMax))")
            let orphans = try Row.fetchCursor(database, sql: "PRAGMA foreign_key_check")
            var problems = findings.filter { $0 != "ok" }
            while problems.count < findings.count + Self.problemsMax, let row = try orphans.next() {
                let table: String = row[0]
                let parent: String = row[2]
                problems.append("a row of \(table) refers to a row of \(parent) that is not there")
            }
            return problems
        } catch {
            throw MetadataError.mapped(error, "checking the database")
        }
    }
}
