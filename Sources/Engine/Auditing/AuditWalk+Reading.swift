import Metadata

extension AuditWalk {
    /// Seals one after another, with all that belongs to them, as of one moment.
    struct Part: Sendable {
        /// The most seals, and about how many entries these have together.
        private static let sealCountMax = 100
        private static let entryCountMax = 2000
        /// How many entries of one seal are looked at, and how many without one.
        private static let entriesOfSealMax = AuditChain.entriesPerSeal + 100
        static let straysMax = 100
        static let headsMax = 10_000

        var seals: [AuditRow<AuditSealFact>] = []
        /// The entries of each of the seals.
        var entries: [[AuditRow<AuditRecord>]] = []
        /// What was signed up to the last of the seals.
        var heads: [AuditRow<AuditMarkFact>] = []
        /// Entries of seals that are not there, between these.
        var strays: [AuditRow<AuditRecord>] = []
        var cut: AuditRow<AuditMarkFact>?
        var keys: [AuditKeyFact]
        /// Whether more seals may follow.
        var hasMore = false

        init(reading facts: Facts, after position: Int64) throws {
            cut = try facts.newestAuditMark(.cut)
            keys = try facts.auditKeys()
            var (last, entryCount) = (position, 0)
            for seal in try facts.auditSeals(after: position, limit: Self.sealCountMax) {
                guard entryCount < Self.entryCountMax else { break }
                if seal.number > last + 1 {
                    let gap = (last == .min ? last : last + 1)...(seal.number - 1)
                    strays += try facts.auditEntries(ofSeals: gap, limit: Self.straysMax)
                }
                entries.append(try facts.auditEntries(ofSeal: seal.number, limit: Self.entriesOfSealMax))
                seals.append(seal)
                entryCount += entries.last?.count ?? 0
                last = seal.number
            }
            guard !seals.isEmpty else { return }
            hasMore = true
            heads = try facts.auditMarks(.head, after: position, limit: Self.headsMax).filter { $0.number <= last }
        }
    }

    /// What lies behind the last seal, as of one moment.
    struct End: Sendable {
        /// What was signed of seals that are not there.
        var heads: [AuditRow<AuditMarkFact>]
        /// Entries of seals that are not there.
        var strays: [AuditRow<AuditRecord>]
        var halfSealed: [AuditRow<AuditRecord>]
        var unsealedCount: Int64
        var keys: [AuditKeyFact]
        /// The seal that was asked for, where it is there.
        var seals: [AuditRow<AuditSealFact>] = []

        init(reading facts: Facts, expecting number: Int64?) throws {
            let cut = try facts.newestAuditMark(.cut)?.number ?? 0
            let last = max(try facts.newestAuditSealNumber(), cut)
            heads = try facts.auditMarks(.head, after: last, limit: Part.headsMax)
            strays = last == .max ? [] : try facts.auditEntries(ofSeals: (last + 1)...(.max), limit: Part.straysMax)
            halfSealed = try facts.halfSealedAuditEntries(limit: Part.straysMax)
            unsealedCount = try facts.unsealedAuditCount()
            keys = try facts.auditKeys()
            if let number { seals = try facts.auditSeals(after: number - 1, limit: 1) }
        }
    }
}
