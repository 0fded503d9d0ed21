import Access
import Gates
import Metadata
import OCI
import RegistryContract
import RegistryTesting
import Selectors
import Synchronization
import Testing
import Wrapping

/// What is told of a tag that something holds, and who is what to rules that protect tags.
@Suite struct HeldTagTests {
    /// Holds every tag.
    private struct HoldingRegistry: ForwardingRegistry {
        let base = MemoryRegistry()

        static let refusal = RegistryError(.tagGuarded, "it points to sha256:1 and the rule r holds it")

        func destination(of repository: RepositoryName) throws -> (registry: any Registry, name: RepositoryName) {
            (base, repository)
        }

        func repositories(after last: String?, limit: Int) async throws -> Page<RepositoryName> {
            try await base.repositories(after: last, limit: limit)
        }

        func putManifest(_ push: ManifestPush, in repository: RepositoryName) async throws -> ManifestReceipt {
            throw Self.refusal
        }

        func deleteManifest(_ digest: Digest, in repository: RepositoryName) async throws {
            throw Self.refusal
        }

        func deleteTag(_ tag: OCI.Tag, if condition: TagCondition, in repository: RepositoryName) async throws {
            throw Self.refusal
        }
    }

    /// Pushes by a tag, deletes it, and deletes its manifest; what each was refused with.
    private func messages(_ registry: any Registry) async throws -> [String] {
        let manifest = RegistryRules.index(1)
        let (app, tag) = (try Samples.app, try OCI.Tag("1"))
        let push = manifest.push(tags: [tag])
        let ways: [() async throws -> Void] = [
            { _ = try await registry.putManifest(push, in: app) },
            { try await registry.deleteTag(tag, in: app) },
            { try await registry.deleteManifest(try manifest.name, in: app) },
        ]
        var messages: [String] = []
        for way in ways {
            do {
                try await way()
            } catch let error as RegistryError where error.code == .tagGuarded {
                messages.append(error.message)
            }
        }
        return messages
    }

    @Test func `who may not read is not told where the tag points and what holds it`() async throws {
        let writing: ActionSet = [.push, .tag, .overwrite, .delete]
        let blind = try Samples.registry(over: HoldingRegistry(), ("team/**", writing))
        let told = "a rule or a lock holds a tag of team/app"
        #expect(try await messages(blind) == [told, told, told])
        let seeing = try Samples.registry(over: HoldingRegistry(), ("team/**", writing.union(.pull)))
        let whole = HoldingRegistry.refusal.message
        #expect(try await messages(seeing) == [whole, whole, whole])
    }

    @Test func `what is held is told for the audit, as denied and why`() async throws {
        let kept = Mutex<[AuditFact]>([])
        let options = Audited.Options(pulls: 0, now: { Timestamp(microseconds: 42) }) { entry in
            kept.withLock { $0.append(entry) }
        }
        let registry = Audited(HoldingRegistry(), for: .tester, options)
        #expect(try await messages(registry).count == 3)
        let entries = kept.withLock { $0 }
        #expect(entries.map(\.action) == ["tag.move", "tag.delete", "manifest.delete"])
        let digest = try RegistryRules.index(1).name
        #expect(entries.map(\.target) == ["team/app:1", "team/app:1", "team/app@\(digest)"])
        #expect(entries.allSatisfy { $0.outcome == .denied && $0.reason == HoldingRegistry.refusal.message })
    }

    @Test func `a role counts in the project of the rule, around it and everywhere, and not within it`() {
        let rules = AccessRules(
            grants: [
                Grant(.user("inner"), role: "maintainer", project: "team/sub"),
                Grant(.user("same"), role: "maintainer", project: "team"),
                Grant(.group("all"), role: "maintainer"), Grant(.user("other"), role: "writer", project: "team"),
                Grant(.user("manager"), role: "administrator", project: "team"),
            ],
            projects: ["team", "team/sub"].map { Project(name: $0, isPublic: false) }
        )
        func standing(_ name: String, groups: Set<String> = [], limits: [[Policy]] = []) -> TagStanding {
            TagStanding(of: Principal(kind: .user, name: name, groups: groups, limits: limits)) { rules }
        }
        let roles = ["keeper", "maintainer"]
        #expect(standing("same").isOne(of: roles, in: "team"))
        #expect(standing("same").isOne(of: roles, in: "team/sub"))
        #expect(standing("x", groups: ["all"]).isOne(of: roles, in: "team"))
        #expect(!standing("inner").isOne(of: roles, in: "team"))
        #expect(standing("inner").isOne(of: roles, in: "team/sub"))
        #expect(!standing("other").isOne(of: roles, in: "team"))
        #expect(!standing("same").isOne(of: [], in: "team"))
        #expect(standing("manager").isOne(of: [], in: "team"))
        #expect(!standing("manager").isOne(of: roles, in: "team"))
        let limit = [[Policy(.allow, .everything, [.push, .tag, .overwrite])]]
        #expect(standing("manager", limits: limit).isOne(of: [], in: "team"))
        #expect(!TagStanding(of: .anonymous) { rules }.isOne(of: roles, in: "team"))
        #expect(!TagStanding(of: Samples.alice) { nil }.isOne(of: [], in: "team"))
        #expect(!TagStanding.none.isOne(of: [], in: "team"))
    }
}
