import BlobStorage
import Hosting
import OCI
import RegistryContract
import RegistryTesting
import Testing
import Upkeep

@testable import Metadata

/// A registry with collectors beside it, over stores that a test takes apart.
struct CollectionHouse: Sendable {
    let stores: TestStores
    let host: Hosting.RegistryHost
    let registry: any Registry
    let app: RepositoryName
    let other: RepositoryName

    init(_ stores: TestStores, trashTime: Duration = .zero) throws {
        self.stores = stores
        host = stores.host(Hosting.RegistryHost.Options(trashTime: trashTime))
        registry = host.registry(for: .tester)
        (app, other) = (try RepositoryName("team/app"), try RepositoryName("team/other"))
    }

    /// Whether one process has the database for itself.
    var isAlone: Bool { stores.engine.dialect == .sqlite }

    /// Runs `body` with a house of its own.
    static func with(
        blobs: (any BlobStore) -> any BlobStore = { $0 },
        trashTime: Duration = .zero,
        _ body: (CollectionHouse) async throws -> Void
    ) async throws {
        try await TestStores.with(blobs: blobs) { try await body(CollectionHouse($0, trashTime: trashTime)) }
    }

    /// A collector that waits for nothing, or as long as it is told.
    func collector(grace: Duration = .zero, quarantine: Duration = .zero) -> GarbageCollection {
        GarbageCollection(
            facts: stores.facts,
            blobs: stores.blobs,
            patience: CollectionPatience(grace: grace, quarantine: quarantine),
            forgetLinks: { [host] in host.forgetLinks() }
        )
    }

    /// Collects all that is due.
    @discardableResult
    func collect(grace: Duration = .zero, quarantine: Duration = .zero) async throws -> GarbageCollection.Report {
        try await collector(grace: grace, quarantine: quarantine).run()
    }

    /// Lets time pass for all that waits to be collected.
    func age(by duration: Duration) async throws {
        let microseconds = SQLValue.integer(duration.inMicroseconds)
        try await stores.engine.write { connection in
            for text in [
                "UPDATE repository_blob SET idle_since = idle_since - $1",
                "UPDATE former_link SET removed_at = removed_at - $1",
                "UPDATE doomed_blob SET unlinked_at = unlinked_at - $1",
            ] as [StaticString] {
                try connection.run(Metadata.Statement(text), [microseconds])
            }
        }
    }

    /// Makes the facts what an older program leaves: nothing is noted of what is to go, and a blob without a link.
    func forgetWhatIsNoted(_ unlinked: SampleBlob) async throws {
        let digest = SQLValue.text(unlinked.digest)
        try await stores.engine.write { connection in
            try connection.run(Metadata.Statement("DELETE FROM repository_blob WHERE digest = $1"), [digest])
            for text in [
                "UPDATE repository_blob SET idle_since = NULL", "DELETE FROM former_link", "DELETE FROM doomed_blob",
            ] as [StaticString] {
                try connection.run(Metadata.Statement(text), [])
            }
        }
        host.forgetLinks()
    }

    /// How many rows a table has.
    func rowCount(_ table: String) async throws -> Int {
        let table = try #require(FactTable.named(table))
        return try await stores.facts.read { try $0.rows(of: table, limit: 1_000_000).count }
    }

    /// The digests of what the store holds, one for each key.
    func stored() async throws -> [String] {
        var (found, token): ([String], String?) = ([], nil)
        repeat {
            let page = try await stores.blobs.list(after: token, limit: 1000)
            found += page.entries.map { $0.digest?.description ?? "an upload" }
            token = page.next
        } while token != nil
        return found.sorted()
    }

    /// Makes sure that exactly these blobs are there: in the store, in the facts, in what is counted; and that nothing
    /// waits to be collected.
    func demandExactly(_ blobs: [SampleBlob], sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let unique = Dictionary(blobs.map { ($0.digest, $0) }) { first, _ in first }
        let expected = unique.keys.sorted()
        #expect(try await stored() == expected, "in the store", sourceLocation: sourceLocation)
        let (facts, usage) = try await stores.facts.read { (try $0.blobs(after: nil, limit: 10_000), try $0.usage()) }
        #expect(facts.map(\.digest.description) == expected, "in the facts", sourceLocation: sourceLocation)
        let byteCount = unique.values.reduce(0) { $0 + Int64($1.bytes.count) }
        let expectedUsage = Usage(blobCount: Int64(expected.count), byteCount: byteCount)
        #expect(usage == expectedUsage, sourceLocation: sourceLocation)
        for table in ["former_link", "doomed_blob", "doomed_key"] {
            #expect(try await rowCount(table) == 0, "in \(table)", sourceLocation: sourceLocation)
        }
        let findings = Findings()
        let report = try await StorageVerification(facts: stores.facts, blobs: stores.blobs) { finding in
            findings.add(finding.sentence)
        }.run()
        #expect(findings.all == [], sourceLocation: sourceLocation)
        #expect(report.blobCount == expected.count, sourceLocation: sourceLocation)
    }

    /// Whether a repository has a blob, as a client is told.
    func has(_ blob: SampleBlob, _ repository: RepositoryName) async throws -> Bool {
        do {
            return try await registry.blobByteCount(blob.name, in: repository) == Int64(blob.bytes.count)
        } catch let error as RegistryError where [.blobUnknown, .nameUnknown].contains(error.code) {
            return false
        }
    }

    /// Whether a manifest may be pushed: false where it names a blob that is not there.
    func takes(_ manifest: SampleManifest, _ repository: RepositoryName) async throws -> Bool {
        do {
            try await registry.push(manifest, to: repository)
            return true
        } catch let error as RegistryError where error.code == .manifestBlobUnknown {
            return false
        }
    }

    /// Throws unless an image is there, whole.
    func demandWhole(_ image: SampleImage, in repository: RepositoryName) async throws {
        try await registry.demandWhole(image.manifest, as: image.manifest.digest, in: repository)
        for blob in image.blobs { try await registry.demandWhole(blob, in: repository) }
    }
}
