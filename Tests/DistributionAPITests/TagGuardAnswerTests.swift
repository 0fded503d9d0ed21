import Metadata
import OCI
import RegistryTesting
import Testing

@testable import Identity

/// What clients are answered whose push or deletion something holds.
@Suite struct TagGuardAnswerTests {
    private static let (old, new) = (SampleImage(seed: 71, layerSize: 10), SampleImage(seed: 72, layerSize: 10))

    private static func put(
        _ image: SampleImage,
        _ house: GuardedRegistry,
        by header: (String, String)
    ) async throws -> TestResponse {
        let headers = [header, ("Content-Type", image.manifest.mediaType)]
        let path = "/v2/team/app/manifests/1.0"
        return try await house.harness.send(TestRequest("PUT", path, headers: headers, body: image.manifest.bytes))
    }

    private static func set(_ kind: String, _ house: GuardedRegistry) async throws {
        let moment = Timestamp(microseconds: 1)
        let fact = TagRuleFact(project: "team", name: "kept", kind: kind, terms: "{}", createdAt: moment)
        try await house.directory.facts.write { try $0.setTagRule(fact) }
    }

    @Test func `what is immutable is refused as denied, with the rule and where the tag points`() async throws {
        try await GuardedRegistry.with { house in
            try await house.push(Self.old, to: "team/app", "1.0")
            try await house.push(Self.new, to: "team/app", "2.0")
            try await Self.set("immutable", house)
            let token = try await house.bearer("repository:team/app:pull,push,delete")
            #expect(try await Self.put(Self.old, house, by: token).status == 201)
            let refused = try await Self.put(Self.new, house, by: token)
            #expect(try refused.summary == "403 DENIED")
            let message = try #require(try refused.refusal.errors.first?.message)
            #expect(
                message.contains("the immutable rule kept of the project team")
                    && message.contains(Self.old.manifest.digest)
            )
            for reference in ["1.0", Self.old.manifest.digest] {
                let request = TestRequest("DELETE", "/v2/team/app/manifests/\(reference)", headers: [token])
                #expect(try await house.harness.send(request).summary == "403 DENIED", "\(reference)")
            }
            let told = house.told.next()
            #expect(told.contains { $0.contains("tag.move team/app:1.0 denied") }, "\(told)")
            #expect(told.contains { $0.contains("tag.delete team/app:1.0 denied") }, "\(told)")
        }
    }

    @Test func `a token is good for a protected tag where its owner has the role`() async throws {
        try await GuardedRegistry.with { house in
            try await house.push(Self.old, to: "team/app", "1.0")
            try await house.push(Self.new, to: "team/app", "2.0")
            try await house.directory.change { facts in
                try facts.insertGrant(GrantFact(subject: "user:bob", role: "writer", project: "team"))
            }
            try await Self.set("protected", house)
            let scope = "repository:team/app:pull,push"
            let bob = try await house.bearer(scope, of: "bob")
            #expect(try await Self.put(Self.new, house, by: bob).summary == "403 DENIED")
            let alice = try await house.bearer(scope)
            #expect(try await Self.put(Self.new, house, by: alice).status == 201)
        }
    }
}
