import Metadata

/// Between which events a server forgets nothing that it has not yet written.
///
/// After a crash a server may give the number of a transaction a second time, and a standby that is promoted counts on
/// its own. So what a number says about a commit is believed only in the life in which the number was given. A table
/// that is not logged is empty after a crash and on each standby: it holds a word that is drawn anew for each life.
enum ServerLife {
    /// Held while the table is made: two sessions that make one at once would refuse each other.
    private static let lock = "hashtextextended('wharf server_life', 0)"

    /// The life of the server that a connection leads to.
    static func current(on connection: Connection) throws -> String {
        if let known = try? word(on: connection) { return known }
        guard !connection.isLost else { throw MetadataError(.unavailable, "the connection to PostgreSQL was lost") }
        try begin(on: connection)
        guard let made = try word(on: connection) else {
            throw MetadataError(.unavailable, "the table server_life cannot be written")
        }
        return made
    }

    private static func word(on connection: Connection) throws -> String? {
        guard case .text(let word) = try connection.ask("SELECT word FROM server_life").first?.first else { return nil }
        return word
    }

    private static func begin(on connection: Connection) throws {
        _ = try connection.ask("SELECT CAST(pg_advisory_lock(\(lock)) AS TEXT)")
        defer { _ = try? connection.ask("SELECT CAST(pg_advisory_unlock(\(lock)) AS TEXT)") }
        _ = try connection.ask("BEGIN READ WRITE")
        do {
            let table = "CREATE UNLOGGED TABLE IF NOT EXISTS server_life"
            _ = try connection.ask("\(table) (place INTEGER PRIMARY KEY CHECK (place = 0), word TEXT NOT NULL)")
            _ = try connection.ask(
                "INSERT INTO server_life (place, word) SELECT 0, CAST(gen_random_uuid() AS TEXT) ON CONFLICT DO NOTHING"
            )
            _ = try connection.ask("COMMIT")
        } catch {
            _ = try? connection.ask("ROLLBACK")
            throw error
        }
    }
}
