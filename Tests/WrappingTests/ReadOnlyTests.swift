import Access
import NIOCore
import OCI
import RegistryContract
import RegistryTesting
import Synchronization
import Testing
import Wrapping

@Suite("What nobody may change")
struct ReadOnlyTests {
    /// A registry with an image in it, under rules.
    private func registry(_ rules: ReadOnlyRules) async throws -> (ReadOnlyGuard, RecordingRegistry) {
        let stored = MemoryRegistry()
        try await stored.push(SampleImage(seed: 1, layerSize: 10), to: Samples.app, tags: "1")
        let base = RecordingRegistry(stored)
        return (ReadOnlyGuard(base) { rules }, base)
    }

    private static let whole = ReadOnlyRules([ReadOnlyRules.Rule(project: nil, reason: "new disks")])
    private static let team = ReadOnlyRules([ReadOnlyRules.Rule(project: "team", reason: "frozen")])

    @Test("A change is refused with the reason, and never begun; all can be read", arguments: RegistryCall.allCases)
    func refused(call: RegistryCall) async throws {
        for (rules, sentence) in [
            (Self.whole, "the registry is read-only: new disks."),
            (Self.team, "the project team is read-only: frozen."),
        ] {
            let (registry, base) = try await registry(rules)
            var refusal: RegistryError?
            do {
                try await call.perform(on: registry, in: Samples.app)
            } catch let error as RegistryError where error.code == .denied {
                refusal = error
            } catch {}
            // How far an upload has come changes nothing.
            let isChange = ![.pull, .list].contains(call.action) && call != .upload
            #expect((refusal != nil) == isChange)
            #expect(base.calls == (isChange ? [] : [call.rawValue]))
            if let refusal { #expect(refusal.message.hasPrefix(sentence), "\(refusal)") }
        }
    }

    @Test("Before a manifest is sent, it is refused as well")
    func admitted() async throws {
        let (registry, _) = try await registry(Self.whole)
        await #expect(throws: RegistryError(.denied, "")) { try await registry.admitManifest(in: Samples.app) }
    }

    @Test("A rule of a project is for its own name and all below it, and for nothing else")
    func scope() throws {
        let rules = ReadOnlyRules([
            ReadOnlyRules.Rule(project: "team", reason: "a"), ReadOnlyRules.Rule(project: "open/sub", reason: "b"),
        ])
        let reasons = try [
            "team", "team/app", "team/a/b", "teamwork/app", "open", "open/app", "open/sub", "open/sub/x",
        ]
        .map { rules.rule(for: try RepositoryName($0))?.reason }
        #expect(reasons == ["a", "a", "a", nil, nil, nil, "b", "b"])
        #expect(ReadOnlyRules().rule(for: try Samples.app) == nil)
    }

    @Test("Elsewhere everything goes on", arguments: RegistryCall.allCases)
    func elsewhere(call: RegistryCall) async throws {
        let (registry, base) = try await registry(Self.team)
        _ = await Samples.errorCode { try await call.perform(on: registry, in: Samples.other) }
        #expect(base.calls == [call.rawValue])
    }

    @Test("An upload that is under way when the rule comes ends with its next batch")
    func underWay() async throws {
        let rules = Mutex(ReadOnlyRules())
        let stored = MemoryRegistry()
        let registry = ReadOnlyGuard(stored) { rules.withLock { $0 } }
        let blob = SampleBlob(count: 100, seed: 5)
        let id = try await registry.startUpload(in: Samples.app, algorithm: .sha256).id
        let body = WatchedBody(blob.body()) { rules.withLock { $0 = Self.whole } }
        await #expect(throws: RegistryError(.denied, "")) {
            _ = try await registry.finishUpload(id, appending: body, at: 0, expecting: blob.name, in: Samples.app)
        }
        rules.withLock { $0 = ReadOnlyRules() }
        #expect(await Samples.errorCode { _ = try await registry.blob(blob.name, in: Samples.app) } != nil)
        try await registry.push(blob, to: Samples.app)
        try await registry.demandWhole(blob, in: Samples.app)
    }
}
