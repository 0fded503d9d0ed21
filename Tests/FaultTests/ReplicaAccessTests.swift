import Foundation
import RegistryTesting
import Testing

/// Two servers over one PostgreSQL and one bucket: what one is told of accounts, keys and failed logins holds at both.
@Suite("Access at several replicas")
struct ReplicaAccessTests {
    /// What a server that remembers rules and accounts may lag behind, and as much again for a busy machine.
    private static let lag = Duration.seconds(10)

    private struct Pair {
        let replicas: ReplicaSet
        let folder: String
        let clients: [ServerClient]

        static func with(_ body: (Pair) async throws -> Void) async throws {
            let folder = try TemporaryFolder()
            let replicas = try await ReplicaSet.start(
                in: folder.path,
                count: 2,
                blobs: .rclone,
                environment: ["WHARF_ACCESS_REQUIRED": "true"]
            )
            do {
                let clients = try (0..<2).map { try ServerClient(try #require(replicas[$0])) }
                let pair = Pair(replicas: replicas, folder: folder.path, clients: clients)
                _ = try await pair.command("user", "create", "alice")
                try await pair.command("member", "set", "alice", "administrator")
                try await body(pair)
            } catch {
                print(replicas.log)
                await replicas.stop()
                throw error
            }
            #expect(await replicas.stop(), "a replica did not end in order")
        }

        /// What a command of the management says to the first server.
        @discardableResult
        func command(_ arguments: String...) async throws -> String {
            let output = try await WharfProcess.command(arguments + ["--data", "\(folder)/1"]).output()
            return output.trimmingCharacters(in: .whitespacesAndNewlines)
        }

        /// The ids of what a list of the management has, the newest last where it tells when.
        func ids(_ arguments: String...) async throws -> [String] {
            struct Item: Decodable { var id: String }
            let list = arguments + ["list", "-o", "json", "--data", "\(folder)/1"]
            let text = try await WharfProcess.command(list).output()
            return try JSONDecoder().decode([Item].self, from: Data(text.utf8)).map(\.id)
        }

        func status(_ header: (String, String), at server: Int) async throws -> Int {
            try await answer(header, at: server).status
        }

        func answer(_ header: (String, String), at server: Int) async throws -> TestResponse {
            try await clients[server].http.send(TestRequest("GET", "/v2/", headers: [header]))
        }

        /// What the token service of a server gives.
        func grant(_ header: (String, String), at server: Int) async throws -> Grant {
            let path = "/token?offline_token=true&scope=repository:team/app:pull"
            let answer = try await clients[server].send("GET", path, headers: [header], expecting: 200)
            return try JSONDecoder().decode(Grant.self, from: Data(answer.body))
        }

        func refresh(_ token: String, at server: Int) async throws -> Int {
            let form = "grant_type=refresh_token&refresh_token=\(token)"
            return try await clients[server].http.send(TestRequest("POST", "/token", body: Array(form.utf8))).status
        }
    }

    private struct Grant: Decodable {
        var token: String
        var refresh_token: String?

        var header: (String, String) { ("Authorization", "Bearer \(token)") }
        /// The id of the key that signed it.
        var keyID: String? {
            guard let part = token.split(separator: ".").first else { return nil }
            let text = String(part).replacing("-", with: "+").replacing("_", with: "/")
            let padded = text + String(repeating: "=", count: (4 - text.count % 4) % 4)
            return Data(base64Encoded: padded)
                .flatMap { try? JSONDecoder().decode([String: String].self, from: $0) }?["kid"]
        }
    }

    private static func basic(_ password: String, _ name: String = "alice") -> (String, String) {
        ("Authorization", "Basic " + Data("\(name):\(password)".utf8).base64EncodedString())
    }

    @Test("Failed logins count together, and a lock holds at both")
    func lockout() async throws {
        try await Pair.with { pair in
            let right = Self.basic(try await pair.command("user", "reset-password", "alice"))
            for server in [0, 1] { #expect(try await pair.status(right, at: server) == 200) }
            var answered = 0
            // Until the wait is one of eight seconds: as after the eighth failure.
            try await eventually("both refuse", within: .seconds(120)) {
                var waits: [Int] = []
                for server in [0, 1] {
                    let answer = try await pair.answer(Self.basic("wrong"), at: server)
                    if answer.status == 401 { answered += 1 }
                    waits += answer[header: "Retry-After"].flatMap { Int($0) }.map { [$0] } ?? []
                }
                return waits.count == 2 && waits.allSatisfy { $0 > 4 }
            }
            for server in [0, 1] { #expect(try await pair.status(right, at: server) == 429) }
            #expect((8...11).contains(answered), "each server by itself would answer eight")
            // After eleven failures the wait is one of 64 seconds.
            try await eventually("the lock ends at both", within: .seconds(120)) {
                let statuses = [try await pair.status(right, at: 0), try await pair.status(right, at: 1)]
                return statuses == [200, 200]
            }
        }
    }

    @Test("Handed-out secrets that are taken back at one are refused by the next request at the other")
    func takenBack() async throws {
        try await Pair.with { pair in
            let password = Self.basic(try await pair.command("user", "reset-password", "alice"))
            let secret = Self.basic(try await pair.command("token", "create", "--for", "alice"))
            #expect(try await pair.status(secret, at: 1) == 200, "it holds at once")
            // The password that was just set has it look again, so that its tokens are of the account as it is now.
            let session = try #require(try await pair.grant(password, at: 1).refresh_token)
            let byToken = try await pair.grant(secret, at: 1)
            #expect(try await pair.refresh(session, at: 0) == 200)
            #expect(try await pair.status(byToken.header, at: 0) == 200)

            let token = try #require(try await pair.ids("token").first)
            try await pair.command("token", "delete", token)
            #expect(try await pair.status(secret, at: 1) == 401)
            #expect(try await pair.status(byToken.header, at: 0) == 401)
            try await eventually("what it has made ends at the other", within: Self.lag) {
                try await pair.status(byToken.header, at: 1) == 401
            }

            let id = try #require(try await pair.ids("session").first)
            try await pair.command("session", "end", id)
            #expect(try await pair.refresh(session, at: 1) == 401)
        }
    }

    @Test("A password that is set at one holds at the other at once, and the one before ends there")
    func newPassword() async throws {
        try await Pair.with { pair in
            let old = Self.basic(try await pair.command("user", "reset-password", "alice"))
            let byOld = try await pair.grant(old, at: 1)
            for server in [0, 1] { #expect(try await pair.status(old, at: server) == 200) }
            let session = try #require(byOld.refresh_token)

            let new = Self.basic(try await pair.command("user", "reset-password", "alice"))
            #expect(try await pair.status(new, at: 1) == 200)
            // It has looked again, to let the new one in: now it knows that the old one has ended.
            #expect(try await pair.status(old, at: 1) == 401)
            #expect(try await pair.status(byOld.header, at: 1) == 401)
            #expect(try await pair.refresh(session, at: 1) == 401)
            #expect(try await pair.status(old, at: 0) == 401)

            try await pair.command("user", "change", "alice", "--disable")
            try await eventually("the account is closed at the other", within: Self.lag) {
                try await pair.status(new, at: 1) == 401
            }
        }
    }

    @Test("A key that is made at one is honoured at the other at once, and one that is deleted ends there")
    func keys() async throws {
        try await Pair.with { pair in
            let password = Self.basic(try await pair.command("user", "reset-password", "alice"))
            let byOld = try await pair.grant(password, at: 1)
            let old = try #require(byOld.keyID)
            #expect(try await pair.ids("key") == [old])
            try await pair.command("key", "rotate")
            #expect(try await pair.status(byOld.header, at: 1) == 200, "no pull is broken by it")
            // With the old one gone, the new one signs before the other server has heard of it.
            try await pair.command("key", "delete", old)
            let byNew = try await pair.grant(password, at: 0)
            #expect(byNew.keyID != old)
            #expect(try await pair.status(byNew.header, at: 1) == 200)
            #expect(try await pair.status(byOld.header, at: 0) == 401)
            #expect(try await pair.status(byOld.header, at: 1) == 401, "it has looked again")
            let issued = try await pair.grant(password, at: 1)
            #expect(issued.keyID == byNew.keyID)
        }
    }
}
