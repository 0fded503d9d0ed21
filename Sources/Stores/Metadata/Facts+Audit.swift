/// What happened, and the seals over it.
extension Facts {
    /// Records an entry of the audit: in the transaction of what it tells, where that is a change.
    public func append(_ entry: AuditFact) throws {
        try post(
            Statements.insertAuditEntry,
            .time(entry.at),
            .text(entry.principal),
            .text(entry.address),
            .text(entry.requestID),
            .text(entry.action),
            .text(entry.target),
            .text(entry.outcome.rawValue),
            .text(entry.reason),
            .text(entry.details),
            .integer(entry.times)
        )
    }

    // MARK: Sealing

    /// At most `limit` entries that have no seal yet, by number.
    public func unsealedAuditEntries(limit: Int) throws -> [AuditRecord] {
        try rows(Statements.unsealedAuditEntries, .count(limit)).map { try $0.auditRecord() }
    }

    /// How many entries have no seal yet.
    public func unsealedAuditCount() throws -> Int64 {
        try row(Statements.unsealedAuditCount)?.integer(0) ?? 0
    }

    /// Records a seal, and gives its entries their places in it.
    ///
    /// Throws ``MetadataError/Code/constraint`` when there is a seal of that number, and
    /// ``MetadataError/Code/conditionFailed`` when one of the entries is sealed already.
    public func insertAuditSeal(_ seal: AuditSealFact, over entries: [AuditRecord]) throws {
        try run(
            Statements.insertAuditSeal,
            .integer(seal.number),
            .time(seal.sealedAt),
            .integer(seal.entryCount),
            .blob(seal.leaves),
            .text(seal.previous),
            .text(seal.hash)
        )
        let places = entries.enumerated().map { place, entry -> [SQLValue] in
            [.integer(entry.id), .integer(seal.number), .integer(Int64(place))]
        }
        let sealed = try connection.rows(of: places.map { Question(Statements.sealAuditEntry, $0) })
        for (entry, rows) in zip(entries, sealed) where rows.isEmpty {
            throw MetadataError(.conditionFailed, "the entry \(entry.id) of the audit has a seal already")
        }
    }

    /// The newest seal; nil when there is none.
    public func newestAuditSeal() throws -> AuditSealFact? {
        try row(Statements.newestAuditSeal, .integer(.max)).map { try $0.auditSeal() }
    }

    /// Records a signed statement; one of that kind and number that is there already stays.
    public func insertAuditMark(_ mark: AuditMarkFact) throws {
        try run(
            Statements.insertAuditMark,
            .text(mark.kind.rawValue),
            .integer(mark.number),
            .text(mark.hash),
            .time(mark.signedAt),
            .text(mark.keyID),
            .blob(mark.signature)
        )
    }

    /// The statement of a kind about the newest seal; nil when there is none.
    public func newestAuditMark(_ kind: AuditMarkFact.Kind) throws -> AuditRow<AuditMarkFact>? {
        try row(Statements.newestAuditMark, .text(kind.rawValue), .integer(.max)).map { try $0.auditMarkRow() }
    }

    /// The keys that sign.
    public func auditKeys() throws -> [AuditKeyFact] {
        try rows(Statements.auditKeys).map { AuditKeyFact(id: try $0.text(0), privateKey: try $0.bytes(1)) }
    }

    /// Records a key.
    public func insertAuditKey(_ key: AuditKeyFact) throws {
        try run(Statements.insertAuditKey, .text(key.id), .blob(key.privateKey))
    }

    /// Takes or renews the right to seal; false when somebody else has it at this moment.
    public func takeAuditLease(_ owner: String, until end: Timestamp, at moment: Timestamp) throws -> Bool {
        try run(Statements.takeAuditLease, .text(owner), .time(end), .time(moment)) > 0
    }

    /// Gives the right to seal back, if it is this owner's.
    public func dropAuditLease(_ owner: String) throws {
        try run(Statements.dropAuditLease, .text(owner))
    }

    /// Takes away everything up to and including a seal, and records the cut: `cut` says which seal was the last.
    public func pruneAudit(_ cut: AuditMarkFact) throws {
        let number = SQLValue.integer(cut.number)
        try run(Statements.deleteAuditEntries, number)
        try run(Statements.deleteAuditSeals, number)
        for kind in AuditMarkFact.Kind.allCases {
            try run(Statements.deleteAuditMarks, .text(kind.rawValue), number)
        }
        try insertAuditMark(cut)
    }

    // MARK: Verifying

    /// The number of the newest seal, whatever else it says; 0 when there is none.
    public func newestAuditSealNumber() throws -> Int64 {
        try row(Statements.newestAuditSeal, .integer(.max))?.integer(0) ?? 0
    }

    /// At most `limit` seals after a number, in order.
    public func auditSeals(after number: Int64, limit: Int) throws -> [AuditRow<AuditSealFact>] {
        try rows(Statements.auditSeals, .integer(number), .count(limit)).map { row in
            AuditRow(number: try row.integer(0), value: try? row.auditSeal())
        }
    }

    /// At most `limit` statements of a kind about seals after a number, in order.
    public func auditMarks(
        _ kind: AuditMarkFact.Kind,
        after number: Int64,
        limit: Int
    ) throws -> [AuditRow<AuditMarkFact>] {
        try rows(Statements.auditMarks, .text(kind.rawValue), .integer(number), .count(limit)).map { row in
            try row.auditMarkRow()
        }
    }

    /// At most `limit` entries that say that they are part of a seal, by place.
    public func auditEntries(ofSeal number: Int64, limit: Int) throws -> [AuditRow<AuditRecord>] {
        try rows(Statements.auditEntriesOfSeal, .integer(number), .count(limit)).map { try $0.auditRow() }
    }

    /// At most `limit` entries that say that they are part of one of these seals.
    public func auditEntries(ofSeals numbers: ClosedRange<Int64>, limit: Int) throws -> [AuditRow<AuditRecord>] {
        try rows(
            Statements.strayAuditEntries,
            .integer(numbers.lowerBound),
            .integer(numbers.upperBound),
            .count(limit)
        ).map { try $0.auditRow() }
    }

    /// At most `limit` entries that have a place and no seal.
    public func halfSealedAuditEntries(limit: Int) throws -> [AuditRow<AuditRecord>] {
        try rows(Statements.halfSealedAuditEntries, .count(limit)).map { try $0.auditRow() }
    }
}

extension Row {
    func auditRecord() throws -> AuditRecord {
        AuditRecord(
            id: try integer(0),
            seal: try optionalInteger(1),
            place: try optionalInteger(2),
            fact: AuditFact(
                at: try time(3),
                principal: try text(4),
                address: try text(5),
                requestID: try text(6),
                action: try text(7),
                target: try text(8),
                outcome: try value(9, AuditFact.Outcome.init(rawValue:)),
                reason: try text(10),
                details: try text(11),
                times: try integer(12)
            )
        )
    }

    fileprivate func auditRow() throws -> AuditRow<AuditRecord> {
        AuditRow(number: try integer(0), value: try? auditRecord())
    }

    fileprivate func auditSeal() throws -> AuditSealFact {
        AuditSealFact(
            number: try integer(0),
            sealedAt: try time(1),
            entryCount: try integer(2),
            leaves: try bytes(3),
            previous: try text(4),
            hash: try text(5)
        )
    }

    fileprivate func auditMarkRow() throws -> AuditRow<AuditMarkFact> {
        AuditRow(number: try integer(0), value: try? auditMark())
    }

    private func auditMark() throws -> AuditMarkFact {
        AuditMarkFact(
            kind: try value(1, AuditMarkFact.Kind.init(rawValue:)),
            number: try integer(0),
            hash: try text(2),
            signedAt: try time(3),
            keyID: try text(4),
            signature: try bytes(5)
        )
    }
}
