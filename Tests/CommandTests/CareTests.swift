import Foundation
import RegistryTesting
import Testing

/// Damage and read-only by command, at a server that runs.
@Suite struct CareTests {
    /// Asks the server as its administrator.
    private func ask(_ method: String, _ path: String, _ body: String = "", in house: House) async throws
        -> TestResponse
    {
        let credentials = Data("admin:\(house.adminPassword)".utf8).base64EncodedString()
        let headers = [("Authorization", "Basic \(credentials)"), ("Content-Length", "\(body.utf8.count)")]
        let request = TestRequest(method, path, headers: headers, body: Array(body.utf8))
        return try await TestHTTPClient(port: house.port).send(request)
    }

    private func push(_ blob: SampleBlob, to repository: String, in house: House) async throws -> TestResponse {
        let text = String(decoding: blob.bytes, as: UTF8.self)
        return try await ask("POST", "/v2/\(repository)/blobs/uploads/?digest=\(blob.digest)", text, in: house)
    }

    @Test func `the registry or a project is kept from being changed, and the refusal has the reason`() async throws {
        try await House.run { house in
            let blob = SampleBlob("some bytes")
            try await house.output("read-only", "on", "team", "--reason", "frozen for the audit")
            try await house.output("read-only", "on", "--reason", "new disks")
            let shown = try await house.output("read-only", "show")
            #expect(shown.contains("frozen for the audit") && shown.contains("new disks"))
            for repository in ["team/app", "other/app"] {
                let refused = try await push(blob, to: repository, in: house)
                #expect(refused.status == 403 && refused.text.contains(#""DENIED""#), "\(refused.text)")
                #expect(refused.text.contains("the registry is read-only: new disks"), "\(refused.text)")
            }
            try await house.output("read-only", "off")
            #expect(try await push(blob, to: "other/app", in: house).status == 201)
            let frozen = try await push(blob, to: "team/app", in: house)
            #expect(frozen.text.contains("the project team is read-only: frozen for the audit"), "\(frozen.text)")
            try await house.output("read-only", "off", "team")
            #expect(try await push(blob, to: "team/app", in: house).status == 201)
            #expect(try await house.failure("read-only", "off", "team", status: 3).contains("read-only team"))
        }
    }

    @Test func `a scrub finds a file that was changed, and the command names what needs it`() async throws {
        try await House.run { house in
            let blob = SampleBlob("bytes that will be damaged")
            #expect(try await push(blob, to: "team/app", in: house).status == 201)
            let hex = blob.digest.dropFirst("sha256:".count)
            let folder = "\(house.data)/blobs/sha256/\(hex.prefix(2))"
            let name = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first)
            try Data("bytes that will be DAMAGED".utf8).write(to: URL(filePath: "\(folder)/\(name)"))
            try await house.output("job", "run", "storage.scrub", "--wait")
            #expect(try await !house.output("storage", "damaged").contains(blob.digest), "it is not its turn")
            try await house.output("job", "run", "storage.scrub", "--argument", "all=true", "--wait")
            let shown = try await house.output("storage", "damaged")
            #expect(shown.contains(blob.digest) && shown.contains("team/app"), "\(shown)")
            #expect(house.server.log.contains("stored bytes are damaged"))
            let path = "/v2/team/app/blobs/\(blob.digest)"
            #expect(try await ask("HEAD", path, in: house).status == 404)
            #expect(try await push(blob, to: "team/app", in: house).status == 201)
            #expect(try await ask("GET", path, in: house).body == blob.bytes)
            let after = try await house.output("storage", "damaged")
            #expect(!after.contains(blob.digest))
        }
    }
}
