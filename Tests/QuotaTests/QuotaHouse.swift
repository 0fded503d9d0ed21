import Hosting
import OCI
import RegistryContract
import RegistryTesting
import Testing
import Upkeep

@testable import Metadata

/// A registry with quotas, whose usage a test counts anew from all rows.
struct QuotaHouse: Sendable {
    let stores: TestStores
    let host: Hosting.RegistryHost
    let registry: any Registry
    let app: RepositoryName
    let other: RepositoryName
    let outside: RepositoryName

    init(_ stores: TestStores, trashTime: Duration = .zero) throws {
        self.stores = stores
        host = stores.host(Hosting.RegistryHost.Options(trashTime: trashTime))
        registry = host.registry(for: .tester)
        (app, other) = (try RepositoryName("team/app"), try RepositoryName("team/sub/other"))
        outside = try RepositoryName("teams/app")
    }

    /// Runs `body` with a house of its own.
    static func with(
        trashTime: Duration = .zero,
        _ body: (QuotaHouse) async throws -> Void
    ) async throws {
        try await TestStores.with { try await body(QuotaHouse($0, trashTime: trashTime)) }
    }

    /// Sets a quota, and counts what is there.
    func set(
        _ scope: QuotaScope,
        _ limits: QuotaLimits = QuotaLimits(),
        warnPercent: Int64 = 80,
        countsTrash: Bool = true
    ) async throws {
        _ = try await stores.facts.write {
            try $0.setQuota(of: scope, to: limits, warnPercent: warnPercent, countsTrash: countsTrash)
        }
        try await upkeep()
    }

    /// Counts, clears away, warns.
    @discardableResult
    func upkeep() async throws -> QuotaUpkeep.Report {
        try await QuotaUpkeep(facts: stores.facts).run()
    }

    /// Removes what nothing needs.
    func collect() async throws {
        _ = try await GarbageCollection(
            facts: stores.facts,
            blobs: stores.blobs,
            patience: CollectionPatience(grace: .zero, quarantine: .zero),
            forgetLinks: { [host] in host.forgetLinks() }
        ).run()
    }

    /// What is used of a quota.
    func used(_ scope: QuotaScope) async throws -> QuotaAmounts {
        try #require(try await stores.facts.read { try $0.quota(of: scope) }).used
    }

    /// Every row of a table.
    private func rows(_ table: String, _ facts: Facts) throws -> [[SQLValue]] {
        let table = try #require(FactTable.named(table))
        return try facts.rows(of: table, limit: 1_000_000)
    }

    /// Throws unless what is used of each quota is what all rows say, the shares have no less room than none, used and
    /// room are together the limit, and those links count that have to, after what was there a step before.
    ///
    /// - Returns: What is there now.
    @discardableResult
    func demandExact(
        _ place: String = "",
        since before: QuotaWorld? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> QuotaWorld {
        let (world, findings) = try await stores.facts.read { facts in
            let quotas = try facts.quotas(after: nil, limit: 1000).filter(\.isCounted)
            let world = try QuotaWorld(counted: quotas) { try rows($0, facts) }
            let findings = quotas.flatMap { quota in
                var findings: [String] = []
                let expected = world.usage(of: quota)
                if quota.used != expected { findings.append("\(quota.scope): \(quota.used), and not \(expected)") }
                return findings + world.faults(of: quota) + world.linkFaults(of: quota, since: before)
            }
            return (world, findings)
        }
        #expect(findings == [], "\(place) TEST_SEED=\(TestSeed.run)", sourceLocation: sourceLocation)
        return world
    }

    /// The error of something that should be refused.
    func refusal(_ body: () async throws -> Void) async throws -> RegistryError? {
        do {
            try await body()
            return nil
        } catch let error as RegistryError where error.code == .quotaExceeded {
            return error
        }
    }
}
