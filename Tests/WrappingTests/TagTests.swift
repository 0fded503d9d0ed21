import Access
import OCI
import RegistryContract
import RegistryTesting
import Testing
import Wrapping

@Suite("Pushing by tag")
struct TagTests {
    /// A registry where the tag `old` points to the first manifest, as Alice sees it.
    private static func registry(_ actions: ActionSet) async throws -> (RecordingRegistry, AccessChecked) {
        let stored = MemoryRegistry()
        try await stored.push(RegistryRules.index(1), to: Samples.app, tags: "old")
        let base = RecordingRegistry(stored)
        return (base, try Samples.registry(over: base, ("team/**", actions.union([.pull, .list]))))
    }

    private static func push(
        _ number: Int,
        _ tags: String...,
        if condition: TagCondition = .none,
        to registry: any Registry
    ) async throws {
        let push = RegistryRules.index(number).push(tags: try tags.map { try Tag($0) }, if: condition)
        _ = try await registry.putManifest(push, in: Samples.app)
    }

    @Test("Who may only tag gives new tags and repeats a push, and moves none")
    func onlyTag() async throws {
        let (_, registry) = try await Self.registry([.push, .tag])
        try await Self.push(2, "new", to: registry)
        try await Self.push(1, "old", to: registry)
        try await Self.push(1, "old", "older", to: registry)
        for tags in [["old"], ["free", "old"]] {
            let refusal = await Samples.refusal {
                let push = RegistryRules.index(3).push(tags: try tags.map { try Tag($0) })
                _ = try await registry.putManifest(push, in: Samples.app)
            }
            #expect(refusal?.action == .overwrite)
            #expect(refusal?.decision.reason == .nothingAllows)
        }
        #expect(try await registry.allTags(in: Samples.app) == ["new", "old", "older"])
        try await registry.demandWhole(RegistryRules.index(1), as: "old", in: Samples.app)
        try await registry.demandWhole(RegistryRules.index(2), as: "new", in: Samples.app)
    }

    @Test("A push by digest and tag is no other than one by tag")
    func byDigest() async throws {
        let (_, registry) = try await Self.registry([.push, .tag])
        for (number, isAllowed) in [(1, true), (2, false)] {
            let manifest = RegistryRules.index(number)
            let push = manifest.push(tags: [try Tag("old")], by: try manifest.name)
            let refusal = await Samples.refusal { _ = try await registry.putManifest(push, in: Samples.app) }
            #expect(refusal?.action == (isAllowed ? nil : .overwrite))
        }
    }

    @Test("Who may only overwrite moves tags, and gives no new ones")
    func onlyOverwrite() async throws {
        let (_, registry) = try await Self.registry([.push, .overwrite])
        try await Self.push(2, "old", to: registry)
        for tags in [["new"], ["old", "new"]] {
            let refusal = await Samples.refusal {
                let push = RegistryRules.index(3).push(tags: try tags.map { try Tag($0) })
                _ = try await registry.putManifest(push, in: Samples.app)
            }
            #expect(refusal?.action == .tag)
        }
        #expect(try await registry.allTags(in: Samples.app) == ["old"])
        try await registry.demandWhole(RegistryRules.index(2), as: "old", in: Samples.app)
    }

    @Test("Who may do both does both in one push")
    func both() async throws {
        let (_, registry) = try await Self.registry([.push, .tag, .overwrite])
        try await Self.push(2, "old", "new", to: registry)
        for tag in ["old", "new"] { try await registry.demandWhole(RegistryRules.index(2), as: tag, in: Samples.app) }
    }

    @Test("Who may do neither pushes by digest alone; a push with a tag is not heard of below")
    func neither() async throws {
        let (base, registry) = try await Self.registry(.push)
        try await Self.push(2, to: registry)
        #expect(base.calls == ["putManifest"])
        for number in [1, 2] {
            let refusal = await Samples.refusal { try await Self.push(number, "old", to: registry) }
            #expect(refusal?.action == .tag)
        }
        #expect(base.calls == ["putManifest"])
    }

    @Test("A condition of one's own that fails is told as such, where policy asks for no more")
    func ownCondition() async throws {
        let first = try RegistryRules.index(1).name
        let second = try RegistryRules.index(2).name
        let (_, tagging) = try await Self.registry([.push, .tag])
        let code = await Samples.errorCode { try await Self.push(2, "old", if: .absent, to: tagging) }
        #expect(code == .conditionFailed)
        let moving = await Samples.refusal { try await Self.push(2, "old", if: .pointsTo(first), to: tagging) }
        #expect(moving?.action == .overwrite)
        try await Self.push(2, "new", if: .absent, to: tagging)
        let (_, overwriting) = try await Self.registry([.push, .overwrite])
        for condition in [TagCondition.pointsTo(second), .noneOf([nil, first])] {
            let code = await Samples.errorCode { try await Self.push(2, "old", if: condition, to: overwriting) }
            #expect(code == .conditionFailed)
        }
        let making = await Samples.refusal { try await Self.push(2, "new", if: .absent, to: overwriting) }
        #expect(making?.action == .tag)
        try await Self.push(2, "old", if: .pointsTo(first), to: overwriting)
    }

    @Test("Another error of the registry below stays what it is")
    func otherErrors() async throws {
        let (_, registry) = try await Self.registry([.push, .tag])
        let push = RegistryRules.index(2).push(tags: [try Tag("new")], by: try RegistryRules.index(1).name)
        let code = await Samples.errorCode { _ = try await registry.putManifest(push, in: Samples.app) }
        #expect(code == .digestMismatch)
    }

    @Test("Of many who may only tag, one gets a free tag, and nobody moves it afterwards")
    func race() async throws {
        let (_, registry) = try await Self.registry([.push, .tag])
        let winners = try await withThrowingTaskGroup(of: Int?.self) { group in
            for number in 10..<26 {
                group.addTask {
                    do {
                        try await Self.push(number, "mine", to: registry)
                        return number
                    } catch let refusal as AccessRefusal where refusal.action == .overwrite {
                        return nil
                    }
                }
            }
            var winners: [Int] = []
            for try await number in group { if let number { winners.append(number) } }
            return winners
        }
        #expect(winners.count == 1)
        for winner in winners {
            try await registry.demandWhole(RegistryRules.index(winner), as: "mine", in: Samples.app)
        }
    }
}
