import Foundation
public import Logging
public import Metadata

/// Chains the entries of the audit: seals over those that have none yet, in order, and signs from time to time how far
/// the chain has come.
///
/// Numbers of entries commit out of order, so that an entry may appear behind others that are sealed already: what is
/// sealed is what has no seal, never what comes after the last. One sealer at a time holds the lease. That only saves
/// work: seals are made in one transaction each, and two of the same number cannot be.
public struct AuditSealer: Sendable {
    /// How often it is looked for entries to seal.
    static let sealInterval = Duration.seconds(1)
    /// How often the newest seal is signed.
    static let signInterval = Duration.seconds(60)
    /// How often what is too old is pruned.
    static let pruneInterval = Duration.seconds(3600)
    /// How long the lease holds that is not renewed.
    static let leaseDuration = Duration.seconds(15)
    /// The most seals that are made at one go.
    private static let sealsPerRound = 100

    let facts: FactStore
    let owner: String
    let keep: Duration
    let now: @Sendable () -> Timestamp
    let log: Logger

    /// - Parameters:
    ///   - facts: where the entries are.
    ///   - owner: a name that no other sealer has.
    ///   - keep: how old an entry becomes.
    ///   - now: the time.
    ///   - log: where each signed head is told, as an anchor outside of the database.
    public init(
        _ facts: FactStore,
        owner: String,
        keep: Duration,
        now: @escaping @Sendable () -> Timestamp,
        log: Logger
    ) {
        self.facts = facts
        self.owner = owner
        self.keep = keep
        self.now = now
        self.log = log
    }

    /// A name for a sealer.
    public static func randomOwner() -> String {
        UUID().uuidString.lowercased()
    }

    /// Seals each second, signs each minute and prunes each hour, until it is cancelled.
    public func run() async {
        var (lastSigned, lastPruned) = (Timestamp(microseconds: 0), Timestamp(microseconds: 0))
        while !Task.isCancelled {
            do {
                _ = try await seal()
                let moment = now()
                if moment >= lastSigned + Self.signInterval || moment < lastSigned {
                    _ = try await sign()
                    lastSigned = moment
                }
                if moment >= lastPruned + Self.pruneInterval || moment < lastPruned {
                    _ = try await prune()
                    lastPruned = moment
                }
            } catch {
                log.error("the audit could not be sealed", metadata: ["error": .string("\(error)")])
            }
            try? await Task.sleep(for: Self.sealInterval)
        }
    }

    /// Seals what is left, signs it, and lets the lease go.
    public func finish() async {
        do {
            _ = try await seal()
            _ = try await sign()
            try await facts.write { [owner] in try $0.dropAuditLease(owner) }
        } catch {
            log.error("the last of the audit could not be sealed", metadata: ["error": .string("\(error)")])
        }
    }

    /// Seals what has no seal; how many entries that was.
    ///
    /// None while another sealer has the lease.
    public func seal() async throws -> Int {
        var count = 0
        for _ in 0..<Self.sealsPerRound {
            // An idle registry writes nothing.
            guard try await !facts.read({ try $0.unsealedAuditEntries(limit: 1) }).isEmpty else { break }
            guard let sealed = try await sealOnce() else { break }
            count += sealed
        }
        return count
    }

    private func sealOnce() async throws -> Int? {
        try await underLease { facts, moment in
            let entries = try facts.unsealedAuditEntries(limit: AuditChain.entriesPerSeal)
            guard !entries.isEmpty else { return 0 }
            let seal = AuditChain.seal(over: entries, after: try facts.auditHead(), at: moment)
            try facts.insertAuditSeal(seal, over: entries)
            return entries.count
        }
    }

    /// Signs the newest seal, unless that is done; what was signed.
    public func sign() async throws -> AuditHead? {
        let isSigned = try await facts.read { facts in
            let seal = try facts.newestAuditSeal()?.number ?? 0
            return try facts.newestAuditMark(.head)?.number ?? 0 >= seal
        }
        guard !isSigned else { return nil }
        let signed = try await underLease { facts, moment -> AuditMarkFact? in
            guard let seal = try facts.newestAuditSeal() else { return nil }
            let mark = try facts.auditKey().sign(.head, seal.head, at: moment)
            try facts.insertAuditMark(mark)
            return mark
        }
        guard let mark = signed ?? nil else { return nil }
        log.info(
            "audit head",
            metadata: [
                "head": .string(mark.head.description), "key": .string(mark.keyID),
                "signed_at": .string("\(mark.signedAt.microseconds)"),
                "signature": .string(AuditChain.hexadecimal(mark.signature)),
            ]
        )
        return mark.head
    }

    /// Changes the chain; nil when another sealer has the lease.
    func underLease<Value: Sendable>(
        _ body: @escaping @Sendable (Facts, Timestamp) throws -> Value
    ) async throws -> Value? {
        try await facts.write { [owner, now] facts in
            let moment = now()
            guard try facts.takeAuditLease(owner, until: moment + Self.leaseDuration, at: moment) else { return nil }
            return try body(facts, moment)
        }
    }
}

extension Facts {
    /// Where the chain has come to: its newest seal, or what was pruned last where none is left.
    func auditHead() throws -> AuditHead? {
        if let seal = try newestAuditSeal() { return seal.head }
        guard let row = try newestAuditMark(.cut) else { return nil }
        guard let mark = row.value else {
            throw MetadataError(.corrupt, "what was pruned of the audit up to seal \(row.number) cannot be read")
        }
        return mark.head
    }

    /// The key that signs; made where there is none.
    func auditKey() throws -> AuditKey {
        let stored = try auditKeys()
        if let key = stored.lazy.compactMap({ AuditKey($0) }).first { return key }
        // A key that was damaged stays, as what it has signed is still there to be looked at.
        let key = AuditKey()
        try insertAuditKey(key.fact)
        return key
    }
}
