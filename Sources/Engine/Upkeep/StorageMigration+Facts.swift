import Metadata

extension StorageMigration {
    /// The tables whose rows come after all bytes, each behind those that it refers to.
    private static var tables: [FactTable] {
        FactTable.all.filter { !$0.isOfBlobs && !$0.isOfUploads }
    }

    /// The rows of the old installation have changed since an earlier run brought some of them.
    private struct HasChanged: Error {}

    /// Moves all facts but those about blobs, and the numbers that come next.
    func moveFacts() async throws {
        do {
            for table in Self.tables { try await move(table) }
        } catch is HasChanged {
            try await wipeFacts()
            for table in Self.tables { try await move(table) }
        }
        for table in Self.tables where table.isNumbered {
            let number = try await source.facts.read { try $0.lastNumber(of: table) }
            try await target.facts.write { try $0.setLastNumber(of: table, to: number) }
        }
    }

    /// Takes all facts away but those about blobs, those first that refer to others.
    func wipeFacts() async throws {
        for table in Self.tables.reversed() where !table.isOfInstallation {
            while try await target.facts.write({ try $0.removeRows(of: table, limit: table.pageCount) }) > 0 {}
        }
    }

    /// Moves a table page by page, each in a transaction; pages that are there already are compared.
    private func move(_ table: FactTable) async throws {
        guard !table.key.isEmpty, !table.isOfInstallation else { return try await replace(table) }
        var last: [SQLValue]?
        while true {
            let (after, limit) = (last, table.pageCount)
            let coming = try await source.facts.read { try $0.rows(of: table, after: after, limit: limit) }
            let there = try await target.facts.read { try $0.rows(of: table, after: after, limit: limit) }
            guard there.isEmpty || there.areSame(as: coming) else { throw HasChanged() }
            guard let row = coming.last else { return }
            if there.isEmpty {
                try demandFit(coming, table)
                try await target.facts.write { try $0.insert(coming, into: table) }
            }
            observer.moved(rowCount: coming.count)
            last = table.key(of: row)
        }
    }

    /// Moves a table of a few rows, some of which are there from the beginning.
    private func replace(_ table: FactTable) async throws {
        let coming = try await source.facts.read { try $0.rows(of: table, limit: table.pageCount) }
        guard coming.count < table.pageCount else {
            throw StorageMigrationError(.unfit, "The table \(table.name) has more rows than it may have.")
        }
        let rows = coming.filter { !table.isOwn($0) }
        try demandFit(rows, table)
        try await target.facts.write { facts in
            if table.key.isEmpty {
                _ = try facts.removeRows(of: table, limit: table.pageCount)
            } else {
                let there = try facts.rows(of: table, limit: table.pageCount).filter { !table.isOwn($0) }
                for row in there { try facts.removeRow(row, of: table) }
            }
            try facts.insert(rows, into: table)
        }
        observer.moved(rowCount: rows.count)
    }

    /// Refuses what the new database would hold as something else: PostgreSQL has no text with a NUL in it.
    private func demandFit(_ rows: [[SQLValue]], _ table: FactTable) throws {
        guard target.facts.dialect == .postgreSQL else { return }
        for row in rows {
            for (value, column) in zip(row, table.columns) {
                guard case .text(let text) = value, text.utf8.contains(0) else { continue }
                throw StorageMigrationError(
                    .unfit,
                    "The table \(table.name) has a row whose \(column.name) has a character NUL in it, which "
                        + "PostgreSQL cannot hold: \(text.replacing("\0", with: "␀")). Change it in the old "
                        + "installation first."
                )
            }
        }
    }
}
