import DistributionGrammar
import OCI
import RegistryContract
import Testing

/// Values that the tests of this grammar share.
enum Sample {
    static let digestText = "sha256:" + String(repeating: "0123456789abcdef", count: 4)
    static let longDigestText = "sha512:" + String(repeating: "0123456789abcdef", count: 8)
    static let uploadText = "12345678-9abc-4def-8123-456789abcdef"
    static let digest = Digest(algorithm: .sha256, hash: (0..<32).map { hashByte($0) })
    static let longDigest = Digest(algorithm: .sha512, hash: (0..<64).map { hashByte($0) })

    /// The bytes of `0123456789abcdef`, over and over.
    private static func hashByte(_ index: Int) -> UInt8 {
        [0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF][index % 8]
    }

    static func name(_ text: String) throws -> RepositoryName { try RepositoryName(text) }
    static func tag(_ text: String) throws -> Reference { .tag(try OCI.Tag(text)) }
    static func upload() throws -> UploadID { try #require(UploadID(uploadText)) }

    /// Reads a request line.
    static func read(_ method: String, _ target: String) throws(GrammarError) -> DistributionRequest {
        try DistributionRequest(method: method, target: target)
    }

    /// Every kind of request to one repository, as it is written.
    static func requests(to name: RepositoryName) throws -> [(line: String, request: DistributionRequest)] {
        let upload = try upload()
        let uploads = "/v2/\(name)/blobs/uploads/"
        let manifests = "/v2/\(name)/manifests/"
        let blob = "/v2/\(name)/blobs/\(digestText)"
        return [
            ("GET \(blob)", .blob(digest, name, headOnly: false)),
            ("HEAD \(blob)", .blob(digest, name, headOnly: true)),
            ("DELETE /v2/\(name)/blobs/\(longDigestText)", .deleteBlob(longDigest, name)),
            ("GET \(manifests)v1.2_x", .manifest(try tag("v1.2_x"), name, headOnly: false)),
            ("HEAD \(manifests)\(longDigestText)", .manifest(.digest(longDigest), name, headOnly: true)),
            ("PUT \(manifests)list", .putManifest(try tag("list"), name, tags: [])),
            (
                "PUT \(manifests)\(digestText)?tag=b&tag=a_1",
                .putManifest(.digest(digest), name, tags: [try OCI.Tag("b"), try OCI.Tag("a_1")])
            ),
            ("DELETE \(manifests)uploads", .deleteManifest(try tag("uploads"), name)),
            ("DELETE \(manifests)\(digestText)", .deleteManifest(.digest(digest), name)),
            ("POST \(uploads)", .startUpload(name, UploadStart())),
            ("POST \(uploads)?digest=\(digestText)", .startUpload(name, UploadStart(digest: digest))),
            (
                "POST \(uploads)?mount=\(digestText)&from=a%2Fb",
                .startUpload(name, UploadStart(mount: digest, source: try Sample.name("a/b")))
            ),
            ("POST \(uploads)?digest-algorithm=sha512", .startUpload(name, UploadStart(algorithm: .sha512))),
            ("GET \(uploads)\(uploadText)", .uploadStatus(upload, name)),
            ("PATCH \(uploads)\(uploadText)", .patchUpload(upload, name)),
            ("PUT \(uploads)\(uploadText)?digest=\(digestText)", .putUpload(upload, name, digest)),
            ("DELETE \(uploads)\(uploadText)", .cancelUpload(upload, name)),
            ("GET /v2/\(name)/tags/list", .tags(name, ListQuery())),
            ("GET /v2/\(name)/tags/list?n=0&last=v1.2", .tags(name, ListQuery(count: 0, last: "v1.2"))),
            ("GET /v2/\(name)/_wharf/tags/v1.2_x/history", .tagHistory(try OCI.Tag("v1.2_x"), name, ListQuery())),
            (
                "GET /v2/\(name)/_wharf/tags/manifests/history?n=5&last=17",
                .tagHistory(try OCI.Tag("manifests"), name, ListQuery(count: 5, last: "17"))
            ),
            ("GET /v2/\(name)/manifests/history", .manifest(try tag("history"), name, headOnly: false)),
            ("GET /v2/\(name)/referrers/\(digestText)", .referrers(digest, name, artifactType: nil, ListQuery())),
            (
                "GET /v2/\(name)/referrers/\(digestText)?artifactType=a%2Fb%2Bc&n=5&last=\(longDigestText)",
                .referrers(digest, name, artifactType: "a/b+c", ListQuery(count: 5, last: longDigestText))
            ),
        ]
    }
}

@Suite struct EndpointTests {
    @Test(arguments: [
        "a", "team/app", "a/b/c/d/e/f/g/h", "blobs", "uploads", "manifests", "tags", "referrers", "v2", "list",
        "blobs/uploads", "a/blobs", "a/blobs/uploads", "blobs/uploads/blobs/uploads", "tags/list", "a/tags",
        "a/manifests/tags", "manifests/manifests", "referrers/blobs/manifests", "uploads/blobs", "v2/v2",
        "0/catalog", "a/blobs/uploads/12345678-9abc-4def-8123-456789abcdef",
    ])
    func `every endpoint is read and written alike, whatever words the name has`(text: String) throws {
        for (line, request) in try Sample.requests(to: Sample.name(text)) {
            let parts = line.split(separator: " ").map(String.init)
            #expect(try Sample.read(parts[0], parts[1]) == request, "\(line)")
            #expect("\(request.method) \(request.target)" == line)
        }
    }

    @Test func `the endpoints without a repository are read and written alike`() throws {
        #expect(try Sample.read("GET", "/v2/") == .version)
        #expect(DistributionRequest.version.target == "/v2/")
        let all: [(String, ListQuery)] = [
            ("/v2/_catalog", ListQuery()), ("/v2/_catalog?n=10", ListQuery(count: 10)),
            ("/v2/_catalog?n=1&last=team%2Fapp", ListQuery(count: 1, last: "team/app")),
        ]
        for (target, query) in all {
            #expect(try Sample.read("GET", target) == .catalog(query))
            #expect(DistributionRequest.catalog(query).target == target)
        }
    }

    @Test func `what is written in more than one way is read as one`() throws {
        let name = try Sample.name("team/app")
        for target in ["/v2", "/v2/", "/v2?x=y", "/v2/?x"] {
            #expect(try Sample.read("GET", target) == .version)
            #expect(try Sample.read("HEAD", target) == .version)
        }
        #expect(try Sample.read("POST", "/v2/team/app/blobs/uploads") == .startUpload(name, UploadStart()))
        let manifest = try Sample.read("GET", "/v2/team/app/manifests/v1.0")
        for target in [
            "/v2/te%61m/app/%6danifests/v1%2E0", "/v2/team/app/manifests/v1.0?", "/v2/%74eam/app/manifests/v1.0",
        ] {
            #expect(try Sample.read("GET", target) == manifest, "\(target)")
        }
        let encoded = Sample.digestText.replacing(":", with: "%3a")
        #expect(try Sample.read("GET", "/v2/team/app/blobs/\(encoded)") == .blob(Sample.digest, name, headOnly: false))
        #expect(try Sample.read("PUT", "/v2/a/manifests/x?tag=b&tag=a&tag=b").target == "/v2/a/manifests/x?tag=b&tag=a")
    }

    @Test func `a part of a text is read like a text of its own`() throws {
        let text = "/registry/v2/team/app/manifests/v1?ns=x#"
        let part = text.dropFirst("/registry".utf8.count).dropLast()
        #expect(try DistributionRequest(method: "GET", target: part).target == "/v2/team/app/manifests/v1")
    }
}
