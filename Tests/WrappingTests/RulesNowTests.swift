import Access
import OCI
import RegistryContract
import RegistryTesting
import Synchronization
import Testing

@testable import Wrapping

/// Rules are asked for at each decision: what is begun under some is done under others.
@Suite struct RulesNowTests {
    @Test func `what was allowed when it began is refused when it is not any more`() async throws {
        let rules = Mutex<AccessRules?>(AccessRules(grants: [Grant(.user("alice"), role: "writer")]))
        let alice = Principal(kind: .user, name: "alice")
        let registry = AccessChecked(MemoryRegistry(), for: alice) { rules.withLock { $0 } }
        let name = try RepositoryName("team/app")
        let upload = try await registry.startUpload(in: name, algorithm: .sha256)
        rules.withLock { $0 = AccessRules(grants: [Grant(.user("alice"), role: "reader")]) }
        await #expect(throws: AccessRefusal.self) { try await registry.upload(upload.id, in: name) }
        rules.withLock { $0 = nil }
        await #expect(throws: AccessRefusal.self) { try await registry.tags(in: name, after: nil, limit: 1) }
        #expect(try await registry.repositories(after: nil, limit: 1).elements == [])
    }
}
