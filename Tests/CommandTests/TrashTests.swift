import Foundation
import RegistryTesting
import Testing

/// What was deleted, by command, at a server that serves images.
@Suite struct TrashTests {
    /// Sends a request as the administrator; its status must be as expected.
    private func send(
        _ house: House,
        _ method: String,
        _ path: String,
        _ body: [UInt8] = [],
        type: String = "application/octet-stream",
        status: Int
    ) async throws {
        let login = Data("admin:\(house.adminPassword)".utf8).base64EncodedString()
        let fields = [("Authorization", "Basic \(login)"), ("Content-Type", type)]
        let request = TestRequest(method, path, headers: fields, body: body)
        let answer = try await TestHTTPClient(port: house.port).send(request)
        try #require(answer.status == status, "\(method) \(path): \(answer.text)")
    }

    private func push(_ image: SampleImage, _ tag: String, _ house: House) async throws {
        for blob in image.blobs {
            let path = "/v2/team/app/blobs/uploads/?digest=\(blob.digest)"
            try await send(house, "POST", path, blob.bytes, status: 201)
        }
        let path = "/v2/team/app/manifests/\(tag)"
        try await send(house, "PUT", path, image.manifest.bytes, type: image.manifest.mediaType, status: 201)
    }

    private func get(_ house: House, _ tag: String, in name: String = "team/app", status: Int) async throws {
        try await send(house, "GET", "/v2/\(name)/manifests/\(tag)", status: status)
    }

    @Test func `an image that was deleted is listed, restored with its tag, and purged`() async throws {
        try await House.run { house in
            let image = SampleImage(seed: 1)
            try await push(image, "v1", house)
            try await get(house, "v1", status: 200)
            let path = "/v2/team/app/manifests/\(image.manifest.digest)"
            try await send(house, "DELETE", path, status: 202)
            try await get(house, "v1", status: 404)
            let list = try await house.output("trash", "list", "team/app").table
            #expect(
                list.map { $0.prefix(3) } == [
                    ["ID", "KIND", "WHAT"], ["1", "manifest", "team/app@\(image.manifest.digest)"],
                ]
            )
            #expect(try await house.output("trash", "list", "--format", "kind") == "manifest\n")
            let fate = try await house.output("gc", "explain", image.manifest.digest)
            #expect(fate.hasPrefix("manifest, waiting: it is in the trash of team/app by the deletion 1, "), "\(fate)")
            #expect(fate.contains("purged after 7 days; `wharf trash restore 1` brings it back"), "\(fate)")
            let restored = try await house.local("trash", "restore", "1")
            #expect(restored.status == 0 && restored.standardError.contains("is back with the tags v1."), "\(restored)")
            try await get(house, "v1", status: 200)
            #expect(try await house.failure("trash", "restore", "1", status: 3).contains("There is no"))
            try await send(house, "DELETE", path, status: 202)
            #expect(try await house.local("trash", "purge", "--all").standardError.contains("Purged 1 deletion."))
            #expect(try await house.failure("trash", "restore", "2", status: 3).contains("There is no"))
            #expect(try await house.output("trash", "list").table.count <= 1)
        }
    }

    @Test func `a tag comes back under another name, or moves what has its own`() async throws {
        try await House.run { house in
            try await push(SampleImage(seed: 1), "v1", house)
            try await send(house, "DELETE", "/v2/team/app/manifests/v1", status: 202)
            try await push(SampleImage(seed: 2), "v1", house)
            #expect(try await house.failure("trash", "restore", "1").contains("points to sha256:"))
            try await house.output("trash", "restore", "1", "--to", "v1-old")
            try await get(house, "v1-old", status: 200)
            try await send(house, "DELETE", "/v2/team/app/manifests/v1-old", status: 202)
            try await push(SampleImage(seed: 2), "v1-old", house)
            try await house.output("trash", "restore", "2", "--force")
            try await get(house, "v1-old", status: 200)
        }
    }

    @Test func `a project is deleted with its repositories, and comes back with its roles`() async throws {
        try await House.run { house in
            try await house.output("project", "create", "team", "--public")
            let password = try await house.secret("user", "create", "alice")
            try await house.output("member", "set", "alice", "reader", "--project", "team")
            let scope = "repository:team/app:pull"
            try await push(SampleImage(seed: 1), "v1", house)
            try await house.output("project", "delete", "team", "--with-repositories")
            try await get(house, "v1", status: 404)
            #expect(try await house.granted(scope, to: "alice", password) == "")
            let list = try await house.output("trash", "list").table
            #expect(
                list.map { $0.prefix(3) }.sorted { $0[1] < $1[1] }.map { $0[1] } == ["KIND", "project", "repository"]
            )
            let entry = try #require(list.first { $0[1] == "project" })
            #expect(entry[2] == "team")
            let restored = try await house.local("trash", "restore", entry[0])
            #expect(
                restored.status == 0
                    && restored.standardError.contains("The project team is back with 1 repository."),
                "\(restored)"
            )
            try await get(house, "v1", status: 200)
            #expect(try await house.granted(scope, to: "alice", password) == scope)
            #expect(try await house.failure("trash", "restore", entry[0], status: 3).contains("There is no"))
        }
    }

    @Test func `a repository is looked at, deleted, not served any more, and restored`() async throws {
        try await House.run { house in
            let images = [SampleImage(seed: 1), SampleImage(seed: 2)]
            for image in images { try await push(image, "v\(image.layer.bytes.count)", house) }
            try await get(house, "v1000", status: 200)
            let byteCount = images.flatMap { $0.blobs.map(\.bytes.count) + [$0.manifest.bytes.count] }.reduce(0, +)
            let doomed = try await house.output("repository", "delete", "team/app", "--dry-run").table.last
            #expect(doomed?.prefix(4) == ["team/app", "2", "4", "\(byteCount)"])
            try await get(house, "v1000", status: 200)
            let deleted = try await house.local("repository", "delete", "team/app", "--yes")
            #expect(deleted.status == 0 && deleted.standardError.contains("`wharf trash restore 1`"), "\(deleted)")
            try await get(house, "v1000", status: 404)
            #expect(
                try await house.failure("repository", "delete", "team/app", "--yes", status: 3).contains(
                    "no repository"
                )
            )
            try await push(images[0], "v2", house)
            #expect(try await house.failure("trash", "restore", "1").contains("give another name"))
            try await house.output("trash", "restore", "1", "--as", "team/old")
            try await get(house, "v1000", in: "team/old", status: 200)
            try await get(house, "v2", status: 200)
        }
    }
}
