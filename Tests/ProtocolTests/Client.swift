import Foundation
import OCI
import RegistryTesting
import Testing

/// A client of the registry under test: each method does what its name says and checks nothing but what it needs.
struct Client: Sendable {
    let harness: any RegistryHarness

    func send(
        _ method: String,
        _ path: String,
        headers: [(String, String)] = [],
        body: [UInt8] = [],
        isStreamed: Bool = false
    ) async throws -> TestResponse {
        try await harness.send(
            TestRequest(method, path, headers: headers, body: body, isStreamed: isStreamed)
        )
    }

    func get(_ path: String, headers: [(String, String)] = []) async throws -> TestResponse {
        try await send("GET", path, headers: headers)
    }

    func head(_ path: String, headers: [(String, String)] = []) async throws -> TestResponse {
        try await send("HEAD", path, headers: headers)
    }

    func delete(_ path: String) async throws -> TestResponse {
        try await send("DELETE", path)
    }
}

// MARK: - Uploads

extension Client {
    /// Starts an upload and returns its location; `query` begins with a question mark.
    func startUpload(in repository: String, query: String = "") async throws -> String {
        let response = try await send("POST", "/v2/\(repository)/blobs/uploads/\(query)")
        try #require(response.status == 202, "\(response.text)")
        return try #require(response[header: "Location"])
    }

    /// Sends a chunk; without `range` it says nothing of its place.
    func patch(_ location: String, _ bytes: [UInt8], range: String? = nil) async throws -> TestResponse {
        var headers = [("Content-Type", "application/octet-stream")]
        if let range { headers.append(("Content-Range", range)) }
        return try await send("PATCH", location, headers: headers, body: bytes)
    }

    /// Ends an upload, with the last bytes if there are any.
    func finish(
        _ location: String,
        digest: String,
        _ bytes: [UInt8] = [],
        range: String? = nil
    ) async throws -> TestResponse {
        var headers = [("Content-Type", "application/octet-stream")]
        if let range { headers.append(("Content-Range", range)) }
        return try await send("PUT", Self.path(location, digest: digest), headers: headers, body: bytes)
    }

    /// The place where an upload ends: its location with the digest as one more parameter.
    static func path(_ location: String, digest: String) -> String {
        "\(location)\(location.contains("?") ? "&" : "?")digest=\(digest)"
    }

    /// Pushes a blob by POST and PUT.
    func push(_ blob: SampleBlob, to repository: String) async throws {
        let location = try await startUpload(in: repository)
        let response = try await finish(location, digest: blob.digest, blob.bytes)
        try #require(response.status == 201, "\(response.text)")
    }
}

// MARK: - Manifests

extension Client {
    /// Pushes a manifest and returns the answer, whatever it is.
    func put(_ manifest: SampleManifest, to repository: String, as reference: String) async throws -> TestResponse {
        try await send(
            "PUT",
            "/v2/\(repository)/manifests/\(reference)",
            headers: [("Content-Type", manifest.mediaType)],
            body: manifest.bytes
        )
    }

    /// Pushes a manifest, by its digest unless a tag is given.
    func push(_ manifest: SampleManifest, to repository: String, tag: String? = nil) async throws {
        let response = try await put(manifest, to: repository, as: tag ?? manifest.digest)
        try #require(response.status == 201, "\(response.text)")
    }

    /// Pushes an image with its blobs.
    @discardableResult
    func push(_ image: SampleImage, to repository: String, tag: String? = nil) async throws -> SampleImage {
        for blob in image.blobs { try await push(blob, to: repository) }
        try await push(image.manifest, to: repository, tag: tag)
        return image
    }

    /// The tags that a list answers with.
    func tags(in repository: String, query: String = "") async throws -> [String] {
        let response = try await get("/v2/\(repository)/tags/list\(query)")
        try #require(response.status == 200, "\(response.text)")
        return try response.decoded(TagList.self).tags
    }

    /// The referrers of a digest; `query` begins with a question mark.
    func referrers(
        of digest: String,
        in repository: String,
        query: String = ""
    ) async throws -> [ReferrersList.Descriptor] {
        let response = try await get("/v2/\(repository)/referrers/\(digest)\(query)")
        try #require(response.status == 200, "\(response.text)")
        return try response.decoded(ReferrersList.self).manifests
    }

    /// The elements of every page of a list, by following Link, in the order they came.
    func followLinks<Element>(
        from first: String,
        _ elements: (TestResponse) throws -> [Element]
    ) async throws -> [[Element]] {
        var pages: [[Element]] = []
        var next: String? = first
        while let path = next, pages.count < 1000 {
            let response = try await get(path)
            try #require(response.status == 200, "\(path): \(response.text)")
            pages.append(try elements(response))
            next = try response.nextLink()
        }
        return pages
    }
}

// MARK: - Bodies

/// The body of `tags/list`.
struct TagList: Decodable, Equatable {
    var name: String
    var tags: [String]
}

/// The body of `_catalog`.
struct Catalog: Decodable, Equatable {
    var repositories: [String]
}

/// The body of the list of referrers.
struct ReferrersList: Decodable, Equatable {
    struct Descriptor: Decodable, Equatable {
        var mediaType: String
        var digest: String
        var size: Int
        var artifactType: String?
        var annotations: [String: String]?
    }

    var schemaVersion: Int
    var mediaType: String
    var manifests: [Descriptor]
}

/// The body of an error.
struct ErrorBody: Decodable, Equatable {
    struct Entry: Decodable, Equatable {
        var code: String
        var message: String?
    }

    var errors: [Entry]
}

extension TestResponse {
    /// The body as JSON of a known form.
    func decoded<Body: Decodable>(_ type: Body.Type) throws -> Body {
        try JSONDecoder().decode(type, from: Data(body))
    }

    /// The codes of an error body, in order; none when the body is not one.
    var errorCodes: [String] {
        (try? decoded(ErrorBody.self).errors.map(\.code)) ?? []
    }

    /// The target of the Link with rel="next", nil when there is no Link.
    func nextLink() throws -> String? {
        guard let link = self[header: "Link"] else { return nil }
        let match = try #require(link.wholeMatch(of: /<([^>]+)>; ?rel="next"/), "not a Link to the next page: \(link)")
        return String(match.1)
    }
}

/// A refusal as a client sees it.
struct Refusal: Equatable, CustomStringConvertible {
    var status: Int
    var codes: [String]

    init(_ status: Int, _ codes: String...) {
        self.status = status
        self.codes = codes
    }

    init(_ response: TestResponse) {
        status = response.status
        codes = response.errorCodes
    }

    var description: String { "\(status) \(codes.joined(separator: ", "))" }
}
