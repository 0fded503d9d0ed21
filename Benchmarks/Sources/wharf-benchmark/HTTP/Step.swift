/// One request of the distribution protocol, and what its answer must be.
enum Step {
    case beginUpload(repository: String)
    /// Goes to where the answer before it pointed.
    case endUpload(Blob)
    case putManifest(repository: String, reference: String, Blob)
    case get(path: String, bodyCount: Int)

    /// The steps that push a blob: POST, then PUT.
    static func push(_ blob: Blob, to repository: String) -> [Step] {
        [.beginUpload(repository: repository), .endUpload(blob)]
    }

    private func request(after response: Response?) throws -> Request {
        switch self {
        case .beginUpload(let repository):
            return Request("POST", "/v2/\(repository)/blobs/uploads/")
        case .endUpload(let blob):
            guard let location = try response?.locationPath() else { throw Failure("no upload was begun") }
            let separator = location.contains("?") ? "&" : "?"
            let headers = ["Content-Type: application/octet-stream"]
            return Request(
                "PUT",
                "\(location)\(separator)digest=\(blob.digest)",
                headers: headers,
                body: blob.content
            )
        case .putManifest(let repository, let reference, let manifest):
            let headers = ["Content-Type: \(Blob.manifestMediaType)"]
            return Request(
                "PUT",
                "/v2/\(repository)/manifests/\(reference)",
                headers: headers,
                body: manifest.content
            )
        case .get(let path, _):
            return Request("GET", path, headers: ["Accept: \(Blob.manifestMediaType)"])
        }
    }

    private func check(_ response: Response) throws {
        switch self {
        case .beginUpload: try response.expect(202)
        case .endUpload, .putManifest: try response.expect(201)
        case .get(_, let bodyCount): try response.expect(200, bodyCount: bodyCount)
        }
    }

    /// A client that does these steps one after the other.
    static func script(_ steps: [Step]) -> Script {
        var next = 0
        return { response in
            if let response { try steps[next - 1].check(response) }
            guard next < steps.count else { return nil }
            defer { next += 1 }
            return try steps[next].request(after: response)
        }
    }
}
