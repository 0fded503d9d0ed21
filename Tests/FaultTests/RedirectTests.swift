import Foundation
import RegistryTesting
import Testing

/// Clients are sent to the bucket for blobs, where the configuration says so.
@Suite("Redirects to the bucket")
struct RedirectTests {
    /// A server whose blobs are in a bucket, and clients are sent elsewhere for them; and its variables.
    static func with(
        _ blobs: TestBlobs,
        _ settings: [String: String],
        _ body: (WharfProcess, ServerClient, [String: String]) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        var environment = try await blobs.environment(for: folder.path)
        environment["WHARF_S3_REDIRECT"] = "true"
        environment.merge(settings) { $1 }
        let server = try await WharfProcess.serve(folder.path, environment: environment)
        do {
            try await body(server, try ServerClient(server), environment)
        } catch {
            await server.kill()
            throw error
        }
        #expect(await server.stop() == 0)
    }

    private static let large = SampleBlob(count: 200_000, seed: 30_000)
    private static let small = SampleBlob(count: 2000, seed: 30_001)

    private static func status(_ method: String, _ blob: SampleBlob, _ name: String, _ client: ServerClient)
        async throws
        -> TestResponse
    {
        try await client.http.send(TestRequest(method, "/v2/\(name)/blobs/\(blob.digest)"))
    }

    @Test(arguments: [TestBlobs.radosgw, .rclone])
    func `a large blob is read from the bucket, a small one and a question are answered here`(
        _ blobs: TestBlobs
    ) async throws {
        try await Self.with(blobs, [:]) { _, client, _ in
            for blob in [Self.large, Self.small] { try await client.push(blob, to: "app") }
            let sent = try await Self.status("GET", Self.large, "app", client)
            #expect(sent.status == 307)
            #expect(sent[header: "Docker-Content-Digest"] == Self.large.digest)
            #expect(sent[header: "Cache-Control"] == "no-store", "it is a secret, for a while")
            let location = try #require(sent[header: "Location"])
            let whole = ["-c", "curl --silent --fail --noproxy '*' \"$0\" | sha256sum", location]
            let sum = try await Command("/bin/bash", whole).output()
            #expect(sum.hasPrefix(Self.large.digest.dropFirst("sha256:".count)))
            let part = ["--silent", "--fail", "--noproxy", "*", "--range", "5-9", location]
            let bytes = try await Command("/bin/bash", ["-c", "curl \"$@\" | od -An -v -tu1", "-"] + part).output()
            #expect(bytes.split(separator: " ").compactMap { UInt8($0.trimming()) } == Array(Self.large.bytes[5..<10]))
            #expect(try await Self.status("HEAD", Self.large, "app", client).status == 200)
            try await client.demand("/v2/app/blobs/\(Self.small.digest)", is: Self.small.digest)
            let unknown = try await Self.status("GET", SampleBlob(count: 10, seed: 30_002), "app", client)
            #expect(unknown.status == 404)
        }
    }

    @Test func `others than the rule says read through the server`() async throws {
        let rules = ["WHARF_S3_REDIRECT_REPOSITORIES": "public/**", "WHARF_S3_REDIRECT_ADDRESSES": "127.0.0.0/8"]
        try await Self.with(.rclone, rules) { _, client, _ in
            for name in ["public/app", "team/app"] { try await client.push(Self.large, to: name) }
            #expect(try await Self.status("GET", Self.large, "public/app", client).status == 307)
            try await client.demand("/v2/team/app/blobs/\(Self.large.digest)", is: Self.large.digest)
        }
        try await Self.with(.rclone, ["WHARF_S3_REDIRECT_ADDRESSES": "10.0.0.0/8"]) { _, client, _ in
            try await client.push(Self.large, to: "app")
            try await client.demand("/v2/app/blobs/\(Self.large.digest)", is: Self.large.digest)
        }
    }

    @Test func `nobody is told an address who may not pull`() async throws {
        let access = ["WHARF_ACCESS_REQUIRED": "true", "WHARF_ACCESS_ADMIN_PASSWORD": "correct horse battery"]
        try await Self.with(.rclone, access) { _, client, _ in
            let name = Data("admin:correct horse battery".utf8).base64EncodedString()
            let admin = [("Authorization", "Basic \(name)")]
            let push = TestRequest(
                "POST",
                "/v2/team/app/blobs/uploads/?digest=\(Self.large.digest)",
                headers: admin,
                body: Self.large.bytes
            )
            #expect(try await client.http.send(push).status == 201)
            let refused = try await Self.status("GET", Self.large, "team/app", client)
            #expect(refused.status == 401)
            #expect(refused[header: "Location"] == nil)
            let path = "/v2/team/app/blobs/\(Self.large.digest)"
            let allowed = try await client.http.send(TestRequest("GET", path, headers: admin))
            #expect(allowed.status == 307)
        }
    }

    @Test(arguments: ["/usr/bin/skopeo", "wharf"])
    func `clients follow`(_ tool: String) async throws {
        try await Self.with(.radosgw, [:]) { server, client, _ in
            let image = SampleImage(seed: 30_010, layerSize: 300_000)
            try await client.push(image, to: "team/app", tag: "1")
            let folder = try TemporaryFolder()
            let source = "\(server.authority)/team/app:1"
            if tool == "wharf" {
                try await WharfProcess.command(["copy", source, "oci:\(folder.path)/image"]).output()
            } else {
                let options = ["copy", "--quiet", "--src-tls-verify=false", "docker://\(source)"]
                try await Command(tool, options + ["dir:\(folder.path)/image"]).output()
            }
            #expect(server.log.contains(" 307"), "no blob was redirected")
        }
    }

    @Test func `a pattern that is none is said at the start`() async throws {
        let folder = try TemporaryFolder()
        var environment = try await TestBlobs.rclone.environment(for: folder.path)
        environment["WHARF_S3_REDIRECT"] = "true"
        environment["WHARF_S3_REDIRECT_REPOSITORIES"] = "team//app"
        let arguments = ["serve", "--data", folder.path, "--listen", "127.0.0.1:0"]
        let result = try await WharfProcess.command(arguments, environment: environment).run()
        #expect(result.status != 0)
        #expect(result.standardError.contains("s3.redirect-repositories"), "\(result)")
    }
}

extension Substring {
    fileprivate func trimming() -> String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
