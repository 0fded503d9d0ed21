import OCI
import Outgoing
import Testing

@testable import RegistryClient

@Suite("What a client knows of tokens")
struct TokenTableTests {
    private let start = ContinuousClock.now

    private func realm(_ text: String = "https://auth.example/token") throws -> TokenRealm {
        let challenge = AuthenticationChallenge(scheme: "bearer", parameters: ["realm": text, "service": "s"])
        return try TokenRealm(challenge, from: .https(host: "r.example", port: 443))
    }

    private func scopes(_ texts: String...) -> AccessScopes {
        AccessScopes(texts.compactMap { AccessScope($0[...]) })
    }

    @Test("Nothing goes along while nobody has asked")
    func open() {
        #expect(TokenTable().step(for: scopes("repository:a:pull"), at: start) == .nothing)
    }

    @Test("After a challenge a token is fetched, and then serves all that it covers until it is renewed")
    func bearer() throws {
        var table = TokenTable()
        let (pull, push) = (scopes("repository:a:pull"), scopes("repository:a:pull,push"))
        table.challenge(try realm(), asking: pull, for: pull, refused: nil)
        #expect(table.step(for: push, at: start) == .fetch(try realm(), push))
        table.insert(Token(text: "t", scopes: push, renewal: start + .seconds(50)), from: try realm())
        #expect(table.step(for: push, at: start) == .token("t"))
        #expect(table.step(for: pull, at: start) == .token("t"))
        #expect(
            table.step(for: scopes("repository:b:pull"), at: start) == .fetch(try realm(), scopes("repository:b:pull"))
        )
        #expect(table.step(for: pull, at: start + .seconds(50)) == .fetch(try realm(), pull))
    }

    @Test("What a challenge asks for beyond the thought is asked for the next time at once")
    func widened() throws {
        var table = TokenTable()
        let (pull, all) = (scopes("repository:a:pull"), scopes("repository:a:metadata_read,pull"))
        table.challenge(try realm(), asking: scopes("repository:a:metadata_read"), for: pull, refused: nil)
        #expect(table.step(for: pull, at: start) == .fetch(try realm(), all))
    }

    @Test("A token that was refused is not used again")
    func refused() throws {
        var table = TokenTable()
        let pull = scopes("repository:a:pull")
        table.challenge(try realm(), asking: pull, for: pull, refused: nil)
        table.insert(Token(text: "t", scopes: pull, renewal: start + .seconds(50)), from: try realm())
        table.challenge(try realm(), asking: pull, for: pull, refused: "t")
        #expect(table.step(for: pull, at: start) == .fetch(try realm(), pull))
    }

    @Test("Name and password go along where they were asked for, and no more once a token is")
    func basic() throws {
        var table = TokenTable()
        let pull = scopes("repository:a:pull")
        table.challengeBasic()
        #expect(table.step(for: pull, at: start) == .basic)
        table.challenge(try realm(), asking: pull, for: pull, refused: nil)
        #expect(table.step(for: pull, at: start) == .fetch(try realm(), pull))
    }

    @Test("Scopes are read with a host and port in the name, and each thing is there once")
    func scopeTexts() throws {
        let scope = try #require(AccessScope("repository:h.example:5000/a/b:pull,push"))
        #expect(scope.name == "h.example:5000/a/b")
        #expect(AccessScope("repository") == nil)
        #expect(AccessScope("repository:a") == nil)
        let both = AccessScopes(challenge: "repository:b:pull repository:a:push repository:a:pull nonsense")
        #expect(both.scopes.map(\.description) == ["repository:a:pull,push", "repository:b:pull"])
        let many = AccessScopes(challenge: (0..<1000).map { "repository:a\($0):pull" }.joined(separator: " "))
        #expect(many.scopes.count == AccessScopes.countMax)
    }

    static let realms: [(String?, OutgoingTarget, Bool)] = [
        ("https://auth.example/token", .https(host: "r.example", port: 443), true),
        ("https://auth.example/token", .http(host: "127.0.0.1", port: 5000), true),
        ("http://127.0.0.1:5001/token", .http(host: "127.0.0.1", port: 5000), true),
        ("http://auth.example/token", .https(host: "r.example", port: 443), false),
        ("http://r.example/token", .https(host: "r.example", port: 443), false),
        ("http://auth.example/token", .http(host: "127.0.0.1", port: 5000), false),
        ("file:///etc/passwd", .https(host: "r.example", port: 443), false),
        ("https://user:word@auth.example/token", .https(host: "r.example", port: 443), false),
        ("/token", .https(host: "r.example", port: 443), false),
        (nil, .https(host: "r.example", port: 443), false),
    ]

    @Test("A password goes to any host over TLS, and in the clear only to the registry's own", arguments: realms)
    func realmOf(text: String?, target: OutgoingTarget, isTaken: Bool) {
        let challenge = AuthenticationChallenge(scheme: "bearer", parameters: text.map { ["realm": $0] } ?? [:])
        #expect(((try? TokenRealm(challenge, from: target)) != nil) == isTaken)
    }
}
