import Metadata

extension AuditSealer {
    /// The most seals that are pruned in one transaction.
    private static let sealsPerCut = 200
    /// The most transactions at one go.
    private static let cutsPerRound = 1000

    /// Takes away whole seals from the front, with their entries, that were made before what is kept; how many.
    ///
    /// A signed mark says where the chain begins then, so that this is not taken for a front that was cut off, and an
    /// entry of the audit tells of it.
    public func prune() async throws -> Int {
        let oldest = now() - keep
        var (count, last) = (0, AuditHead?.none)
        for _ in 0..<Self.cutsPerRound {
            let front = try await facts.read { try $0.auditSeals(after: .min, limit: 1) }
            guard let seal = front.first?.value, seal.sealedAt < oldest else { break }
            guard let (pruned, head) = try await pruneOnce(before: oldest) ?? nil else { break }
            count += pruned
            last = head
        }
        guard let last else { return count }
        let entry = AuditFact(
            at: now(),
            principal: AuditTrail.principal,
            address: "",
            requestID: "",
            action: "audit.prune",
            target: "audit",
            outcome: .allowed,
            reason: "it was older than audit.keep",
            details: #"{"head":"\#(last)","seals":\#(count)}"#
        )
        try await facts.write { try $0.append(entry) }
        return count
    }

    private func pruneOnce(before oldest: Timestamp) async throws -> (Int, AuditHead)?? {
        try await underLease { facts, moment in
            var (count, entryCount, last) = (0, Int64(0), AuditHead?.none)
            for row in try facts.auditSeals(after: .min, limit: Self.sealsPerCut) {
                // What cannot be read is left for a person to look at.
                guard let seal = row.value, seal.sealedAt < oldest, entryCount < AuditChain.entriesPerSeal else {
                    break
                }
                count += 1
                entryCount += seal.entryCount
                last = seal.head
            }
            guard let last else { return nil }
            try facts.pruneAudit(try facts.auditKey().sign(.cut, last, at: moment))
            return (count, last)
        }
    }
}
