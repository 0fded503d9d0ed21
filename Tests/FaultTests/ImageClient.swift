import RegistryTesting
import Testing

/// Pushes and pulls sample images over HTTP, as a plain client does.
struct ImageClient {
    let http: TestHTTPClient
    let repository: String

    init(_ server: WharfProcess, repository: String) {
        let port = server.authority.split(separator: ":").last.flatMap { Int($0) } ?? 0
        http = TestHTTPClient(port: port, timeout: .seconds(20))
        self.repository = repository
    }

    /// Pushes an image under a tag; true only when every step was acknowledged.
    func push(_ image: SampleImage, tag: String) async throws -> Bool {
        for blob in image.blobs {
            guard let location = try await begin() else { return false }
            let put = TestRequest("PUT", "\(location)?digest=\(blob.digest)", body: blob.bytes)
            guard try await http.send(put).status == 201 else { return false }
        }
        let manifest = TestRequest(
            "PUT",
            "/v2/\(repository)/manifests/\(tag)",
            headers: [("Content-Type", image.manifest.mediaType)],
            body: image.manifest.bytes
        )
        return try await http.send(manifest).status == 201
    }

    /// Begins an upload; its location.
    func begin() async throws -> String? {
        let answer = try await http.send(TestRequest("POST", "/v2/\(repository)/blobs/uploads/"))
        return answer.status == 202 ? answer[header: "Location"] : nil
    }

    /// What is wrong with an image that was acknowledged; nil when it can be pulled whole.
    func problem(with image: SampleImage, tag: String) async throws -> String? {
        let manifest = try await http.send(TestRequest("GET", "/v2/\(repository)/manifests/\(tag)"))
        guard manifest.status == 200, manifest.body == image.manifest.bytes else {
            return "\(repository):\(tag): the manifest is \(manifest.status)"
        }
        for blob in image.blobs {
            let pulled = try await http.send(TestRequest("GET", "/v2/\(repository)/blobs/\(blob.digest)"))
            guard pulled.status == 200, pulled.body == blob.bytes else {
                return "\(repository):\(tag): blob \(blob.digest) is \(pulled.status)"
            }
        }
        return nil
    }
}

extension WharfProcess {
    /// Runs `wharf storage verify` on a data folder, with the stores that its servers of this run have.
    static func verify(_ data: String) async throws -> CommandResult {
        var environment = try await TestDatabase.current.environment(for: data)
        environment.merge(try await TestBlobs.current.environment(for: data)) { $1 }
        return try await command(["storage", "verify", "--data", data], environment: environment).run()
    }
}
