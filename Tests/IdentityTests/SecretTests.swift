import Metadata
import Testing

@testable import Identity

@Suite struct SecretTests {
    private struct Holder {
        var name = "alice"
        var secrets: [Secret]
        var credentials: Credentials
        var grant: TokenService.Grant
    }

    private static func dumped(_ value: some Any) -> String {
        var text = ""
        dump(value, to: &text)
        return text
    }

    @Test func `a secret prints as redacted in every way of printing`() {
        let secret = Secret("hunter2")
        let texts = [
            secret.description, secret.debugDescription, "\(secret)", String(describing: secret),
            String(reflecting: secret),
        ]
        #expect(texts.allSatisfy { $0 == "<redacted>" })
        #expect(Self.dumped(secret) == "- <redacted>\n")
        #expect(Mirror(reflecting: secret).children.isEmpty)
    }

    @Test func `what holds a secret does not print it either`() {
        let secret = Secret("hunter2")
        let grant = TokenService.Grant(token: secret, lifetime: 1, issuedAt: 1, refreshToken: secret, access: [])
        let holder = Holder(secrets: [secret], credentials: .basic(name: "alice", secret), grant: grant)
        let bytes = secret.bytes.map(String.init).joined(separator: ", ")
        for text in ["\(holder)", String(reflecting: holder), Self.dumped(holder), "\(Optional(secret) as Any)"] {
            #expect(text.contains("<redacted>"))
            #expect(!text.contains("hunter2") && !text.contains(bytes) && !text.contains("- \(secret.bytes[0])\n"))
        }
    }

    @Test func `a key that signs does not print its number`() {
        let key = TokenKeys.Key()
        for text in ["\(key)", String(reflecting: key), Self.dumped(TokenKeys([key]))] {
            #expect(text.contains(key.id))
            #expect(!text.contains(key.bytes.bytes.map(String.init).joined(separator: ", ")))
            #expect(!text.contains(key.bytes.bytes.prefix(8).map { "- \($0)\n" }.joined()))
        }
    }

    @Test func `secrets are equal when all their bytes are`() {
        #expect(Secret("abc") == Secret([0x61, 0x62, 0x63]))
        #expect(Secret("abc") != Secret("abd") && Secret("abc") != Secret("xbc") && Secret("abc") != Secret("ab"))
        #expect(Secret("") == Secret(""))
    }

    @Test func `a random secret is another each time, and says what it is`() {
        let secrets = (0..<100).map { _ in String(decoding: HandedOutSecret.random(.personal).bytes, as: UTF8.self) }
        #expect(Set(secrets).count == 100)
        #expect(secrets.allSatisfy { $0.wholeMatch(of: /wharf_pat_[0-9a-f]{64}/) != nil })
        #expect(HandedOutSecret.kind(of: .random(prefix: "wharf_robot_")) == .robot)
        #expect(HandedOutSecret.kind(of: Secret("wharf_pa")) == nil)
    }
}
