import Metadata
import OCI
import RegistryContract
import RegistryTesting
import Synchronization
import Testing
import Wrapping

@Suite("What is handed in for the audit")
struct AuditedTests {
    /// Keeps what was handed in.
    private final class Kept: Sendable {
        private let entries = Mutex<[AuditFact]>([])

        var all: [AuditFact] { entries.withLock { $0 } }

        func add(_ entry: AuditFact) {
            entries.withLock { $0.append(entry) }
        }
    }

    private static let caller = Caller(id: "user:alice", address: "192.0.2.7", requestID: "9b23")

    private static func registry(over base: any Registry, _ kept: Kept, pulls: Double = 0) -> Audited {
        let options = Audited.Options(pulls: pulls, now: { Timestamp(microseconds: 42) }) { kept.add($0) }
        return Audited(base, for: caller, options)
    }

    private static let image = SampleImage(seed: 1, layerSize: 10)

    private static func stored() async throws -> MemoryRegistry {
        let stored = MemoryRegistry()
        try await stored.push(image, to: Samples.app, tags: "1")
        return stored
    }

    @Test("Each call is passed on once, as it came", arguments: RegistryCall.allCases)
    func passedOn(call: RegistryCall) async throws {
        let base = RecordingRegistry(try await Self.stored())
        let registry = Self.registry(over: base, Kept(), pulls: 1)
        try? await call.perform(on: registry, in: Samples.app)
        #expect(base.calls == [call.rawValue])
    }

    @Test("A push is told with each tag that it gives, by whom and in which request")
    func push() async throws {
        let kept = Kept()
        let registry = Self.registry(over: try await Self.stored(), kept)
        var push = try Self.image.manifest.push(by: Self.image.manifest.name)
        push.tags = [try Tag("2"), try Tag("latest")]
        _ = try await registry.putManifest(push, in: Samples.app)
        let digest = Self.image.manifest.digest
        #expect(kept.all.map(\.action) == ["manifest.push", "tag.move", "tag.move"])
        #expect(kept.all.map(\.target) == ["team/app@\(digest)", "team/app:2", "team/app:latest"])
        #expect(kept.all[1].details == #"{"digest":"\#(digest)"}"#)
        for entry in kept.all {
            #expect(entry.principal == "user:alice" && entry.address == "192.0.2.7" && entry.requestID == "9b23")
            #expect(entry.at == Timestamp(microseconds: 42) && entry.outcome == .allowed)
        }
    }

    @Test("What is taken away is told")
    func deletion() async throws {
        let kept = Kept()
        let registry = Self.registry(over: try await Self.stored(), kept)
        try await registry.deleteTag(Tag("1"), in: Samples.app)
        try await registry.deleteManifest(Self.image.manifest.name, in: Samples.app)
        try await registry.deleteBlob(Self.image.layer.name, in: Samples.app)
        #expect(
            kept.all.map { "\($0.action) \($0.target)" } == [
                "tag.delete team/app:1", "manifest.delete team/app@\(Self.image.manifest.digest)",
                "blob.delete team/app@\(Self.image.layer.digest)",
            ]
        )
    }

    @Test("What did not happen is not told", arguments: RegistryCall.allCases)
    func failure(call: RegistryCall) async throws {
        let kept = Kept()
        // Nothing is there, so that all but the beginnings fail.
        let registry = Self.registry(over: MemoryRegistry(), kept, pulls: 1)
        do {
            try await call.perform(on: registry, in: Samples.app)
        } catch {
            #expect(kept.all == [])
            return
        }
        #expect([.startUpload, .mountBlob, .referrers].contains(call))
        #expect(kept.all == [])
    }

    @Test("Reads of manifests are told by their share", arguments: [0, 0.5, 1])
    func pulls(share: Double) async throws {
        let kept = Kept()
        let registry = Self.registry(over: try await Self.stored(), kept, pulls: share)
        for _ in 0..<400 { _ = try await registry.manifest(.tag(Tag("1")), in: Samples.app) }
        // Half of 400, give or take six standard deviations.
        #expect(abs(Double(kept.all.count) - share * 400) <= (share == 0.5 ? 60 : 0))
        #expect(kept.all.allSatisfy { $0.action == "manifest.pull" && $0.target == "team/app:1" })
    }
}
