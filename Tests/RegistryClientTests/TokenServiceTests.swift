import OCI
import Outgoing
import RegistryContract
import RegistryTesting
import Testing

@testable import RegistryClient

@Suite("Tokens, and who gives them")
struct TokenServiceTests {
    /// The refusal that names a token service; the one of the server that was asked, where nothing else is said.
    private static func challenge(_ asked: Asked, _ authority: String? = nil) -> Said {
        let authority = authority ?? asked.headers["host"] ?? ""
        let challenge = #"Bearer realm="http://\#(authority)/token",service="s",scope="repository:team/app:pull""#
        return .answer(401, [("WWW-Authenticate", challenge)])
    }

    @Test("A password is not sent in the clear to another host than the registry's")
    func otherHost() async throws {
        try await HostileServer.run({ _, _ in .json(200, #"{"token":"t"}"#) }) { thief in
            let answer: @Sendable (Asked, Int) async -> Said = { asked, _ in
                Self.challenge(asked, "localhost:\(thief.port)")
            }
            try await TestClient.run(against: answer, credentials: FixedCredentials.password("u", "p")) { test, _ in
                let error = try await refusal { _ = try await test.client.manifest(.tag(Tag("1")), in: .app) }
                #expect(error.code == .unauthorized)
                #expect(error.message.contains("read the password along"))
                #expect(thief.asked.isEmpty)
            }
        }
    }

    @Test("A token service is asked by its forms, and what it says is kept to")
    func forms() async throws {
        let manifest = RegistryRules.index(1)
        let answer: @Sendable (Asked, Int) async -> Said = { asked, _ in
            if asked.target.hasPrefix("/token") {
                return .json(200, #"{"access_token":"t2","expires_in":100,"refresh_token":"r2"}"#)
            }
            guard asked.headers["authorization"] == "Bearer t2" else { return Self.challenge(asked) }
            return .answer(200, [("Content-Type", manifest.mediaType)], manifest.bytes)
        }
        let credentials: [(RegistryCredential, String, String)] = [
            (.identityToken("id&1"), "POST", "refresh_token=id%261"),
            (.password(.init(user: "u", password: "p")), "GET", "account=u"),
        ]
        for (credential, method, part) in credentials {
            let source = FixedCredentials(credential: credential)
            try await TestClient.run(against: answer, credentials: source) { test, server in
                _ = try await test.client.manifest(.tag(Tag("1")), in: .app)
                test.time.advance(by: .seconds(91))
                _ = try await test.client.manifest(.tag(Tag("1")), in: .app)
                let asked = server.asked.filter { $0.target.hasPrefix("/token") }
                #expect(asked.map(\.method) == [method, method])
                #expect((asked[0].target + String(decoding: asked[0].body, as: UTF8.self)).contains(part))
                if method == "POST" {
                    #expect(String(decoding: asked[1].body, as: UTF8.self).contains("refresh_token=r2"))
                }
                #expect(server.asked.filter { $0.headers["authorization"] == nil && $0.method == "GET" }.count == 1)
            }
        }
    }

    @Test("A token service without OAuth is asked as of old")
    func noOAuth() async throws {
        let manifest = RegistryRules.index(1)
        let answer: @Sendable (Asked, Int) async -> Said = { asked, _ in
            if asked.target.hasPrefix("/token") {
                return asked.method == "POST" ? .answer(405) : .json(200, #"{"token":"t"}"#)
            }
            guard asked.headers["authorization"] == "Bearer t" else { return Self.challenge(asked) }
            return .answer(200, [("Content-Type", manifest.mediaType)], manifest.bytes)
        }
        let source = FixedCredentials(credential: .identityToken("id"))
        try await TestClient.run(against: answer, credentials: source) { test, server in
            _ = try await test.client.manifest(.tag(Tag("1")), in: .app)
            #expect(server.asked.map(\.method) == ["GET", "POST", "GET", "GET"])
        }
    }

    @Test("A refresh token does not follow a redirect")
    func redirectedToken() async throws {
        try await HostileServer.run({ _, _ in .json(200, #"{"token":"t"}"#) }) { thief in
            let answer: @Sendable (Asked, Int) async -> Said = { asked, _ in
                asked.target.hasPrefix("/token")
                    ? .answer(307, [("Location", "http://localhost:\(thief.port)/token")])
                    : Self.challenge(asked)
            }
            for credential in [RegistryCredential.identityToken("id"), .password(.init(user: "u", password: "p"))] {
                let source = FixedCredentials(credential: credential)
                try await TestClient.run(against: answer, credentials: source) { test, _ in
                    _ = try await refusal { _ = try await test.client.manifest(.tag(Tag("1")), in: .app) }
                }
            }
            #expect(thief.asked.map(\.method) == ["GET"])
            #expect(thief.asked.allSatisfy { $0.headers["authorization"] == nil && $0.body.isEmpty })
        }
    }

    static let noTokens = [#"{}"#, #"{"token":""}"#, #"{"token":"a\r\nX: y"}"#, "<html>", #"{"token":17}"#]

    @Test("An answer without a token that can be sent is an error", arguments: noTokens)
    func noToken(text: String) async throws {
        let answer: @Sendable (Asked, Int) async -> Said = { asked, _ in
            asked.target.hasPrefix("/token") ? .json(200, text) : Self.challenge(asked)
        }
        try await TestClient.run(against: answer) { test, server in
            let error = try await refusal { _ = try await test.client.manifest(.tag(Tag("1")), in: .app) }
            #expect(error.code == .unavailable)
            #expect(server.asked.count == 2)
        }
    }

    @Test("A registry that never takes a token is asked twice, and not for ever")
    func neverTaken() async throws {
        let answer: @Sendable (Asked, Int) async -> Said = { asked, number in
            asked.target.hasPrefix("/token") ? .json(200, #"{"token":"t\#(number)"}"#) : Self.challenge(asked)
        }
        try await TestClient.run(against: answer) { test, server in
            let error = try await refusal { _ = try await test.client.manifest(.tag(Tag("1")), in: .app) }
            #expect(error.code == .unauthorized)
            #expect(server.asked.count == 3)
        }
    }

    @Test("A token that ends while a blob comes is renewed, and the blob goes on")
    func endsInTransfer() async throws {
        let blob = SampleBlob(count: 200_000, seed: 4)
        let answer: @Sendable (Asked, Int) async -> Said = { asked, number in
            if asked.target.hasPrefix("/token") { return .json(200, #"{"token":"t\#(number)"}"#) }
            guard asked.headers["authorization"] == (number < 3 ? "Bearer t1" : "Bearer t4") else {
                return Self.challenge(asked)
            }
            guard let range = asked.headers["range"] else {
                return .answer(200, [], Array(blob.bytes.prefix(90_000)), length: blob.bytes.count).cut
            }
            let start = range.dropFirst(6).split(separator: "-").first.flatMap { Int($0) } ?? 0
            return .answer(206, [("Content-Range", "bytes \(start)-199999/200000")], Array(blob.bytes[start...]))
        }
        try await TestClient.run(against: answer) { test, server in
            let content = try await test.client.blob(blob.name, in: .app)
            let bytes = try await content.allBytes()
            #expect(bytes == blob.bytes)
            #expect(server.asked.filter { $0.target.hasPrefix("/token") }.count == 2)
        }
    }

    @Test("A token that ends while bytes go up has the caller go on from where the upload stands")
    func endsInUpload() async throws {
        let blob = SampleBlob(count: 1000, seed: 4)
        let answer: @Sendable (Asked, Int) async -> Said = { asked, number in
            if asked.target.hasPrefix("/token") { return .json(200, #"{"token":"t\#(number)"}"#) }
            guard asked.headers["authorization"] == (number < 3 ? "Bearer t1" : "Bearer t4") else {
                return Self.challenge(asked)
            }
            return switch asked.method {
            case "POST": .answer(202, [("Location", "/up")])
            case "GET": .answer(204, [("Range", "0-0"), ("Location", "/up")])
            default: .answer(201)
            }
        }
        try await TestClient.run(against: answer) { test, _ in
            let id = try await test.client.startUpload(in: .app, algorithm: .sha256).id
            let error = try await refusal {
                _ = try await test.client.finishUpload(
                    id,
                    appending: blob.body(),
                    at: 0,
                    expecting: blob.name,
                    in: .app
                )
            }
            #expect(error.code == .unavailable)
            #expect(error.message.contains("Go on from where the upload stands"))
            let offset = try await test.client.upload(id, in: .app).offset
            let size = try await test.client.finishUpload(
                id,
                appending: blob.body(),
                at: offset,
                expecting: blob.name,
                in: .app
            )
            #expect(size == 1000)
        }
    }
}
