import Foundation
import RegistryTesting

/// Reads the registry with curl: what is there, whatever a client says.
struct RegistryReader {
    let parties: Parties

    /// An answer: its status, its headers by lower-case name, and its body.
    struct Answer {
        var status: Int
        var headers: [String: String]
        var body: Data
    }

    /// The media types that a client of images and indexes accepts.
    static let manifests = [
        "application/vnd.oci.image.manifest.v1+json", "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
    ]

    /// A GET of a path below the registry's address, or that of one of its servers.
    func get(_ path: String, accept: [String] = [], at server: String? = nil) async throws -> Answer {
        let body = parties.fresh("body")
        let accepted = accept.flatMap { ["--header", "Accept: \($0)"] }
        let arguments = ["--silent", "--show-error", "--noproxy", "*", "--dump-header", "-", "--output", body]
        let address = (server ?? parties.registry.address) + path
        let head = try await parties.command(.curl, arguments + accepted + [address]).output()
        let lines = head.split(whereSeparator: \.isNewline)
        let fields = lines.dropFirst().compactMap { line -> (String, String)? in
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { return nil }
            return (parts[0].lowercased(), parts[1].trimmingCharacters(in: .whitespaces))
        }
        let status = lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        return Answer(
            status: status ?? 0,
            headers: Dictionary(fields) { first, _ in first },
            // An empty body leaves no file.
            body: (try? Data(contentsOf: URL(fileURLWithPath: body))) ?? Data()
        )
    }

    /// The manifest or index behind a tag or digest.
    func manifest(_ name: String, _ reference: String = "1") async throws -> Answer {
        try await get("/v2/\(name)/manifests/\(reference)", accept: Self.manifests)
    }

    /// The image behind a tag: the digest that the registry gives it, and what its manifest and config say.
    func image(_ name: String, _ reference: String = "1") async throws -> ImageFacts {
        let answer = try await manifest(name, reference)
        guard answer.status == 200, let digest = answer.headers["docker-content-digest"] else {
            throw InteropFailure(description: "\(name):\(reference) is not in the registry: \(answer)")
        }
        return try await ImageFacts(digest: digest, manifest: answer.body) { config in
            try await get("/v2/\(name)/blobs/\(config)").body
        }
    }
}
