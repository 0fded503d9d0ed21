import OCI

/// The facts as one transaction sees them.
public struct Facts {
    let connection: any SQLConnection
    /// What the transaction has to tell; nil where it changes nothing that is told.
    let notices: EventNotices?
    /// What the transaction has to count; nil where it changes nothing that is counted.
    let ledger: QuotaLedger?

    /// The facts behind a connection that is in a transaction.
    init(connection: any SQLConnection, notices: EventNotices? = nil, ledger: QuotaLedger? = nil) {
        (self.connection, self.notices, self.ledger) = (connection, notices, ledger)
    }

    /// The rows of a statement.
    func rows(_ statement: Statement, _ arguments: SQLValue...) throws -> [Row] {
        try connection.rows(statement, arguments).map(Row.init)
    }

    /// The first row of a statement that has at most one.
    func row(_ statement: Statement, _ arguments: SQLValue...) throws -> Row? {
        try connection.rows(statement, arguments).first.map(Row.init)
    }

    /// Runs a statement; how many rows it changed.
    @discardableResult
    func run(_ statement: Statement, _ arguments: SQLValue...) throws -> Int {
        try connection.run(statement, arguments)
    }

    /// Runs a statement of which nothing is asked; if it fails, then a later one or the commit throws.
    func post(_ statement: Statement, _ arguments: SQLValue...) throws {
        try connection.post(statement, arguments)
    }
}

extension SQLValue {
    static func id(_ repository: RepositoryID) -> SQLValue {
        .integer(repository.number)
    }

    static func time(_ moment: Timestamp) -> SQLValue {
        .integer(moment.microseconds)
    }

    static func name(_ name: RepositoryName) -> SQLValue {
        .text(name.description)
    }

    static func name(_ tag: Tag) -> SQLValue {
        .text(tag.description)
    }

    static func digest(_ digest: Digest) -> SQLValue {
        .text(digest.description)
    }

    /// What a page comes after; nothing is the beginning.
    ///
    /// No name has a NUL in it, so that what comes after a text comes after the part before its first NUL.
    static func position(_ text: String?) -> SQLValue {
        .text(text.map { String($0.prefix { $0 != "\0" }) } ?? "")
    }

    static func count(_ limit: Int) -> SQLValue {
        .integer(Int64(limit))
    }
}
