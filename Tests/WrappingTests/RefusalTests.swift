import Access
import OCI
import RegistryContract
import RegistryTesting
import Selectors
import Testing
import Wrapping

@Suite("What policy does not allow")
struct RefusalTests {
    @Test(
        "A call is refused before the registry below hears of it, whether or not the repository exists",
        arguments: RegistryCall.allCases
    )
    func refused(call: RegistryCall) async throws {
        var sentences: Set<String> = []
        for isThere in [true, false] {
            let stored = MemoryRegistry()
            if isThere { try await stored.push(SampleImage(seed: 1, layerSize: 10), to: Samples.app, tags: "1") }
            let base = RecordingRegistry(stored)
            let all = ActionSet.all.subtracting(ActionSet(call.action))
            let registry = try Samples.registry(over: base, ("team/app", all), ("other/**", .all))
            let found = await Samples.refusal { try await call.perform(on: registry, in: Samples.app) }
            let refusal = try #require(found)
            #expect(refusal.action == call.action)
            #expect(try refusal.repository == Samples.app)
            #expect(refusal.principal == Samples.alice)
            #expect(refusal.decision.reason == .nothingAllows)
            #expect(base.calls == [])
            sentences.insert(String(reflecting: refusal))
        }
        #expect(sentences.count == 1)
    }

    @Test("A call that one action allows is passed on, once", arguments: RegistryCall.allCases)
    func passedOn(call: RegistryCall) async throws {
        let stored = MemoryRegistry()
        try await stored.push(SampleImage(seed: 1, layerSize: 10), to: Samples.app, tags: "1")
        let base = RecordingRegistry(stored)
        let registry = try Samples.registry(over: base, ("team/app", ActionSet(call.action)))
        let refusal = await Samples.refusal { try await call.perform(on: registry, in: Samples.app) }
        #expect(refusal == nil)
        #expect(base.calls == [call.rawValue])
    }

    @Test("What guards or records writes each method itself, so that a new one is no way past it")
    func explicit() {
        let guards: [any Registry.Type] = [AccessChecked.self, Audited.self, ReadOnlyGuard.self]
        for type in guards { #expect(!(type is any ForwardingRegistry.Type), "\(type)") }
    }

    @Test("Who moved a tag is told to those who may push there, and not to those who may only pull")
    func movers() async throws {
        let stored = MemoryRegistry()
        for number in 1...2 { try await stored.push(RegistryRules.index(number), to: Samples.app, tags: "1") }
        for (actions, expected) in [([.pull], nil), ([.pull, .push], "anonymous")] as [(ActionSet, String?)] {
            let registry = try Samples.registry(over: stored, ("team/app", actions))
            let page = try await registry.tagHistory(of: Tag("1"), in: Samples.app, before: nil, limit: 10)
            #expect(page.elements.map(\.movedBy) == [expected, expected])
            #expect(page.elements.map(\.version) == [2, 1])
        }
    }

    @Test("A denial refuses what another role allows, and says so to the log")
    func denied() async throws {
        let base = RecordingRegistry()
        let no = Policy(.deny, .everything, .pull)
        let grants = [Grant(.anyone, role: "administrator"), Grant(.anyone, role: "no")]
        let rules = AccessRules(roles: [Role(name: "no", policies: [no])], grants: grants)
        let registry = AccessChecked(base, for: Samples.alice, under: rules)
        let refusal = await Samples.refusal { try await RegistryCall.blob.perform(on: registry, in: Samples.app) }
        #expect(refusal?.decision.reason == .denied(grants[1], no))
        #expect(base.calls == [])
    }
}
