import Metadata
import RegistryTesting
import Testing

@Suite(.everyEngine) struct CredentialFactsTests {
    static func credential(
        _ id: String,
        of account: String,
        kind: CredentialFact.Kind = .personal,
        at moment: Timestamp = Fixture.now,
        until end: Timestamp? = nil
    ) -> CredentialFact {
        CredentialFact(
            id: id,
            secretHash: "hash of \(id)",
            account: account,
            kind: kind,
            label: "for \(id)",
            policies: kind == .robot ? "[]" : nil,
            createdAt: moment,
            expiresAt: end
        )
    }

    private func fixture() async throws -> Fixture {
        let fixture = try await Fixture()
        try await fixture.facts.write { (facts) throws in
            for name in ["alice", "bob"] {
                let account = AccountFact(name: name, kind: .user, password: nil, createdAt: Fixture.now)
                #expect(try facts.insertAccount(account))
            }
        }
        return fixture
    }

    @Test(arguments: [CredentialFact.Kind.personal, .robot, .refresh])
    func `a credential is found by its hash as it was recorded`(kind: CredentialFact.Kind) async throws {
        let fixture = try await fixture()
        for end in [nil, Fixture.later] {
            let made = Self.credential("\(kind) \(end == nil)", of: "alice", kind: kind, until: end)
            try await fixture.facts.write { try $0.insertCredential(made) }
            #expect(try await fixture.facts.read { try $0.credential(hash: made.secretHash) } == made)
        }
        #expect(try await fixture.facts.read { try $0.credential(hash: "another") } == nil)
        #expect(try await fixture.facts.read { try $0.credential(hash: "HASH OF personal true") } == nil)
    }

    @Test func `the credentials of an account are listed by id`() async throws {
        let fixture = try await fixture()
        try await fixture.facts.write { (facts) throws in
            try facts.insertCredential(Self.credential("c", of: "alice", at: Fixture.later))
            try facts.insertCredential(Self.credential("b", of: "alice"))
            try facts.insertCredential(Self.credential("a", of: "alice"))
            try facts.insertCredential(Self.credential("d", of: "bob"))
        }
        let page = { (limit: Int) in
            try await fixture.facts.read { try $0.credentials(.personal, of: "alice", limit: limit) }.map(\.id)
        }
        #expect(try await page(9) == ["a", "b", "c"])
        #expect(try await page(2) == ["a", "b"])
        #expect(try await fixture.facts.read { try $0.credentials(.personal, of: "nobody", limit: 9) } == [])
    }

    @Test func `a credential is taken back by its id, and no other with it`() async throws {
        let fixture = try await fixture()
        try await fixture.facts.write { (facts) throws in
            for id in ["a", "b"] { try facts.insertCredential(Self.credential(id, of: "alice")) }
            #expect(try facts.deleteCredential(id: "a", refusingTokensUntil: Fixture.later))
            #expect(try !facts.deleteCredential(id: "a", refusingTokensUntil: Fixture.later))
        }
        let left = try await fixture.facts.read { try $0.credentials(.personal, of: "alice", limit: 9) }
        #expect(left.map(\.id) == ["b"])
        #expect(try await fixture.facts.read { try $0.endedCredentials() } == ["a"], "its tokens are refused")
        #expect(try await fixture.facts.write { try $0.deleteEndedCredentials(before: Fixture.later) } == 0)
        let end = Fixture.later + .seconds(1)
        #expect(try await fixture.facts.write { try $0.deleteEndedCredentials(before: end) } == 1)
    }

    @Test func `what has ended is forgotten, and what holds or has no end stays`() async throws {
        let fixture = try await fixture()
        try await fixture.facts.write { (facts) throws in
            try facts.insertCredential(Self.credential("ended", of: "alice", until: Fixture.now))
            try facts.insertCredential(Self.credential("ends now", of: "alice", until: Fixture.later))
            try facts.insertCredential(Self.credential("endless", of: "alice"))
            try facts.deleteCredentials(endedBefore: Fixture.later)
        }
        let kept = try await fixture.facts.read { try $0.credentials(.personal, of: "alice", limit: 9) }.map(\.id)
        #expect(kept == ["endless", "ends now"])
    }

    @Test func `a credential has an account, and an id and a secret that no other has`() async throws {
        let fixture = try await fixture()
        let first = Self.credential("a", of: "alice")
        try await fixture.facts.write { try $0.insertCredential(first) }
        var (sameID, sameSecret) = (first, first)
        sameID.secretHash = "another"
        sameSecret.id = "another"
        for wrong in [sameID, sameSecret, Self.credential("b", of: "nobody")] {
            let error = try await metadataError { try await fixture.facts.write { try $0.insertCredential(wrong) } }
            #expect(error?.code == .constraint)
        }
    }

    @Test func `keys are listed by id, recorded once, and forgotten by their id`() async throws {
        let fixture = try await fixture()
        let keys = [("b", Fixture.now), ("c", Fixture.later), ("a", Fixture.later)].map { id, moment in
            SigningKeyFact(id: id, privateKey: Array("key \(id)\u{0}".utf8), createdAt: moment)
        }
        try await fixture.facts.write { (facts) throws in
            for key in keys.reversed() + [SigningKeyFact(id: "a", privateKey: [1], createdAt: Fixture.now)] {
                try facts.insertSigningKey(key)
            }
        }
        #expect(try await fixture.facts.read { try $0.signingKeys() } == [keys[0], keys[2], keys[1]])
        try await fixture.facts.write { (facts) throws in
            #expect(try facts.deleteSigningKey(id: "b"))
            #expect(try !facts.deleteSigningKey(id: "b"))
        }
        #expect(try await fixture.facts.read { try $0.signingKeys() }.map(\.id) == ["a", "c"])
    }
}
