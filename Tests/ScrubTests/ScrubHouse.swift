import BlobStorage
import Hosting
import OCI
import RegistryContract
import RegistryTesting
import Synchronization
import Testing
import Upkeep

@testable import Metadata

/// A registry whose bytes a test damages, and scrubs over it.
struct ScrubHouse: Sendable {
    let stores: TestStores
    let faults: FaultyBlobs
    let host: Hosting.RegistryHost
    let registry: any Registry
    let app: RepositoryName
    let other: RepositoryName
    let found = Found()
    let time = FakeTime()

    /// Runs `body` with a house of its own.
    static func with(_ body: (ScrubHouse) async throws -> Void) async throws {
        let kept = Mutex<FaultyBlobs?>(nil)
        try await TestStores.with(blobs: { base in
            let faults = FaultyBlobs(base)
            kept.withLock { $0 = faults }
            return faults
        }) { stores in
            let faults = try #require(kept.withLock { $0 })
            try await body(ScrubHouse(stores, faults))
        }
    }

    private init(_ stores: TestStores, _ faults: FaultyBlobs) throws {
        (self.stores, self.faults) = (stores, faults)
        host = stores.host()
        registry = host.registry(for: .tester)
        (app, other) = (try RepositoryName("team/app"), try RepositoryName("team/other"))
    }

    /// A scrub that reads what was not looked at for so long.
    func scrub(
        within: Duration = .seconds(1000),
        rateMax: Int64 = 1 << 30,
        damageMax: Int = 1000,
        againAfter: Duration = .zero,
        menders: [any BlobMender] = []
    ) -> Scrub {
        var plan = Scrub.Plan(within: within, rateMax: rateMax)
        plan.damageMax = damageMax
        plan.againAfter = againAfter
        return Scrub(
            facts: stores.facts,
            blobs: stores.blobs,
            plan: plan,
            menders: menders,
            time: time.scrubTime,
            now: { [clock = stores.clock] in clock.now() },
            forget: { [host] in host.forget($0) },
            tell: { [found] in found.add($0) }
        )
    }

    /// Reads all that is due.
    @discardableResult
    func run(menders: [any BlobMender] = []) async throws -> Scrub.Report {
        try await scrub(menders: menders).run()
    }

    /// Reads everything, whenever it was looked at.
    func runAll() async throws -> Scrub.Report {
        // A look is as old as the clock of the database tells, which may go by milliseconds.
        let start = try await stores.facts.read { try $0.databaseTime() }
        for _ in 0..<100_000 {
            guard try await stores.facts.read({ try $0.databaseTime() }) == start else { break }
        }
        return try await scrub(within: .zero).run()
    }

    /// The blob that stands for a digest, whether it is served or not.
    func standing(_ blob: SampleBlob) async throws -> BlobFact {
        let digest = try blob.name
        let rows = try await stores.facts.read { facts in
            try facts.rows(Statements.standingBlob, .digest(digest)).map { try $0.blob(from: 0) }
        }
        return try #require(rows.first)
    }

    /// Makes what stands for a digest faulty.
    func damage(_ blob: SampleBlob, _ fault: FaultyBlobs.Fault, times: Int? = nil) async throws {
        faults.damage(try await standing(blob).key, fault, times: times)
    }

    /// Whether a repository has a blob, as a client is told.
    func has(_ blob: SampleBlob, _ repository: RepositoryName) async throws -> Bool {
        do {
            return try await registry.blobByteCount(blob.name, in: repository) == Int64(blob.bytes.count)
        } catch let error as RegistryError where error.code == .blobUnknown {
            return false
        }
    }

    /// Throws unless what is counted is what the rows say.
    func demandExactUsage(_ sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let (blobs, usage) = try await stores.facts.read { (try $0.blobs(after: nil, limit: 10_000), try $0.usage()) }
        let byteCount = blobs.reduce(0) { $0 + $1.byteCount }
        #expect(usage == Usage(blobCount: Int64(blobs.count), byteCount: byteCount), sourceLocation: sourceLocation)
    }

    /// The digests of what is noted as damaged.
    func noted() async throws -> [String] {
        try await stores.facts.read { facts in
            try facts.damages(after: nil, limit: 1000).filter { !$0.isMended }.map(\.damage.digest.description)
        }
    }

    /// What was told.
    final class Found: Sendable {
        private let findings = Mutex<[Scrub.Finding]>([])

        var all: [Scrub.Finding] { findings.withLock { $0 } }

        func add(_ finding: Scrub.Finding) {
            findings.withLock { $0.append(finding) }
        }

        /// The digests of what was told, of one outcome.
        func digests(_ outcome: Scrub.Finding.Outcome) -> [String] {
            all.filter { $0.outcome == outcome }.map(\.digest.description)
        }
    }

    /// A time that passes only where somebody waits.
    final class FakeTime: Sendable {
        private let passed = Mutex(Duration.zero)

        var elapsed: Duration { passed.withLock { $0 } }

        var scrubTime: ScrubTime {
            ScrubTime(elapsed: { self.elapsed }) { duration in
                try Task.checkCancellation()
                self.passed.withLock { $0 += duration }
            }
        }
    }
}
