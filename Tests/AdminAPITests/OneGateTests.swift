import Access
import AdminModel
import Administration
import Hosting
import Identity
import Metadata
import OCI
import RegistryContract
import RegistryTesting
import Testing

/// By whatever way a tag is to move or to go, the verdict, its sentence and the entry of the audit are the same.
@Suite("One gate for the registry and the management")
struct OneGateTests {
    /// A way on which a tag moves to the new image, or goes.
    enum Way: String, CaseIterable, Sendable {
        case push, rollback, restoreTag, restoreManifest, deleteTag, deleteManifest, deleteRepository

        var isDeletion: Bool { [.deleteTag, .deleteManifest, .deleteRepository].contains(self) }
    }

    /// What holds the tag.
    enum Hold: String, CaseIterable, Sendable {
        case immutable, protected, lock

        var name: String {
            self == .lock ? "the lock of user:root (so)" : "the \(rawValue) rule held of the project team"
        }
    }

    private static let (old, new) = (RegistryRules.index(1), RegistryRules.index(2))
    private static var app: RepositoryName { get throws { try RepositoryName("team/app") } }

    /// The management and the registry over the same facts, for the same person.
    private struct House {
        let office: TestAdministration
        let folder: TemporaryFolder
        let management: Management
        let registry: any Registry
    }

    /// A house whose tag `held` was at the new image, went with it or alone as `way` needs it, and is at the old one.
    private static func house(for way: Way) async throws -> House {
        let (office, folder) = (try await TestAdministration(), try TemporaryFolder(inMemory: true))
        let options = RegistryHost.Options(isAlone: false, trashTime: .seconds(3600))
        let blobs = try await TestBlobs.current.open(in: folder.path)
        let host = RegistryHost(facts: office.facts, blobs: blobs, options: options) { office.clock.now() }
        // An administrator of the project, who has not the role that the rule names.
        let standing = TagStanding { roles, _ in roles.isEmpty }
        let caller = Caller(id: "user:alice", address: "127.0.0.1", requestID: "test")
        let registry = host.registry(for: caller, standing: standing)
        try await registry.push(new, to: app, tags: "held")
        switch way {
        case .restoreTag: try await registry.deleteTag(Tag("held"), if: .none, in: app)
        case .restoreManifest: try await registry.deleteManifest(new.name, in: app)
        default: break
        }
        try await registry.push(old, to: app, tags: "held")
        let management = try await office.management("alice")
        return House(office: office, folder: folder, management: management, registry: registry)
    }

    private static func put(_ hold: Hold, _ facts: FactStore) async throws {
        try await facts.write { facts in
            guard hold != .lock else {
                let id = try #require(try facts.repository(app))
                _ = try facts.setTagGuard(.lock, of: Tag("held"), in: id, by: "user:root", reason: "so")
                return
            }
            let terms = hold == .protected ? #"{"roles":["reader"]}"# : "{}"
            let moment = Timestamp(microseconds: 1)
            try facts.setTagRule(
                TagRuleFact(project: "team", name: "held", kind: hold.rawValue, terms: terms, createdAt: moment)
            )
        }
    }

    private static func go(_ way: Way, _ house: House) async throws {
        let tag = try Tag("held")
        switch way {
        case .push: _ = try await house.registry.putManifest(new.push(tags: [tag]), in: app)
        case .rollback:
            _ = try await house.registry.putManifest(new.push(tags: [tag], if: .pointsTo(old.name)), in: app)
        case .deleteTag: try await house.registry.deleteTag(tag, if: .none, in: app)
        case .deleteManifest: try await house.registry.deleteManifest(old.name, in: app)
        case .restoreTag, .restoreManifest:
            _ = try await house.management.restore("1", RestoreRequest(movesTags: true))
        case .deleteRepository: _ = try await house.management.deleteRepository("team/app")
        }
    }

    /// What a way was refused with, as the caller reads it and as the audit does.
    private static func refusal(_ way: Way, _ house: House) async throws -> [String] {
        do {
            try await go(way, house)
            return []
        } catch let error as RegistryError where error.code == .tagGuarded {
            return [error.message, error.message]
        } catch let refused as Refused {
            #expect(refused.problem?.code == .conflict)
            return [refused.problem?.message ?? "", refused.reason]
        }
    }

    private static func overrides(_ house: House) async throws -> [AuditFact] {
        try await house.office.audit().filter { $0.action == "tag.override" }
    }

    @Test(arguments: Way.allCases, Hold.allCases)
    func `each way is refused in the same words, and told of past broken glass in the same`(
        way: Way,
        hold: Hold
    ) async throws {
        let house = try await Self.house(for: way)
        try await Self.put(hold, house.office.facts)
        let (old, verb) = (try Self.old.name, way.isDeletion ? "be deleted" : "move")
        let sentence = "the tag held of team/app points to \(old) and may not \(verb): \(hold.name) holds it"
        #expect(try await Self.refusal(way, house) == [sentence, sentence])
        #expect(try await Self.overrides(house) == [])
        try await house.office.facts.write { facts in
            let id = try #require(try facts.repository(Self.app))
            let time = Duration.seconds(600)
            _ = try facts.setTagGuard(.glass, of: Tag("held"), in: id, by: "user:b", reason: "leak", for: time)
        }
        try await Self.go(way, house)
        let told = try await Self.overrides(house)
        let entry = try #require(told.first)
        #expect(told.count == 1, "\(told)")
        #expect((entry.principal, entry.address, entry.requestID) == ("user:alice", "127.0.0.1", "test"))
        #expect((entry.target, entry.outcome) == ("team/app:held", .allowed))
        #expect(entry.reason == "user:b broke the glass of \(hold.name): leak")
        let to = way.isDeletion ? "" : #","to":"\#(try Self.new.name)""#
        #expect(entry.details == #"{"from":"\#(old)"\#(to)}"#)
    }

    @Test func `who may not read in a repository is not told by the management what holds its tags`() async throws {
        let house = try await Self.house(for: .push)
        try await house.office.directory.change { facts in
            let policies = #"[{"repo":"team/**","actions":["delete","push","overwrite"]}]"#
            try facts.setRole(RoleFact(name: "mover", policies: policies))
            try facts.insertGrant(GrantFact(subject: "user:bob", role: "mover", project: "team"))
        }
        try await Self.put(.lock, house.office.facts)
        let bob = try await house.office.management("bob")
        let refused = await #expect(throws: Refused.self) { _ = try await bob.deleteRepository("team/app") }
        #expect(refused?.problem?.message == "a rule or a lock holds a tag of team/app")
        #expect(refused?.reason.contains("the lock of user:root (so)") == true)
    }

    @Test func `a rule of a newer program holds all tags, and who manages its project gets past it`() async throws {
        let house = try await Self.house(for: .push)
        try await house.office.facts.write { facts in
            let moment = Timestamp(microseconds: 1)
            try facts.setTagRule(
                TagRuleFact(project: "team", name: "held", kind: "new", terms: "{}", createdAt: moment)
            )
        }
        for way in [Way.push, .deleteRepository] {
            #expect(try await Self.refusal(way, house).first?.contains("rule held of the project team") == true)
        }
        let glass = NewTagGlass(repository: "team/app", tag: "held", reason: "leak")
        _ = try await house.management.breakGlass(glass)
        try await Self.go(.deleteRepository, house)
    }
}
