import Foundation
import RegistryTesting
import Testing

/// What a client asks of a running server; each method throws when the answer is not the one for success.
struct ServerClient: Sendable {
    let http: TestHTTPClient

    init(_ server: WharfProcess, timeout: Duration = .seconds(30)) throws {
        try self.init(authority: server.authority, timeout: timeout)
    }

    init(authority: String, timeout: Duration) throws {
        let port = try #require(authority.split(separator: ":").last.flatMap { Int($0) })
        http = TestHTTPClient(port: port, timeout: timeout)
    }

    /// An answer that was not the one for success.
    struct Refused: Error, CustomStringConvertible {
        var request: String
        var answer: TestResponse

        var description: String { "\(request): \(answer.status) \(answer.text.prefix(500))" }
    }

    @discardableResult
    func send(
        _ method: String,
        _ path: String,
        headers: [(String, String)] = [],
        body: [UInt8] = [],
        isStreamed: Bool = false,
        expecting status: Int
    ) async throws -> TestResponse {
        let request = TestRequest(method, path, headers: headers, body: body, isStreamed: isStreamed)
        let answer = try await http.send(request)
        guard answer.status == status else { throw Refused(request: "\(method) \(path)", answer: answer) }
        return answer
    }

    /// Waits until `/readyz` says so; what it says.
    @discardableResult
    func demandReadiness(_ isReady: Bool) async throws -> String {
        var said = ""
        try await eventually("the server says that it is \(isReady ? "" : "not ")ready") {
            let answer = try await http.send(TestRequest("GET", "/readyz"))
            said = answer.text
            return answer.status == (isReady ? 200 : 503)
        }
        return said
    }

    /// Begins an upload; its location.
    func start(in repository: String, query: String = "") async throws -> String {
        let answer = try await send("POST", "/v2/\(repository)/blobs/uploads/\(query)", expecting: 202)
        return try #require(answer[header: "Location"])
    }

    /// Sends bytes to an upload that stands at `offset`.
    @discardableResult
    func patch(
        _ location: String,
        _ bytes: [UInt8],
        at offset: Int,
        isStreamed: Bool = false
    ) async throws -> TestResponse {
        let range = isStreamed ? [] : [("Content-Range", "\(offset)-\(offset + bytes.count - 1)")]
        return try await send("PATCH", location, headers: range, body: bytes, isStreamed: isStreamed, expecting: 202)
    }

    /// Where an upload stands, by the Range of its status.
    func offset(of location: String) async throws -> Int {
        try await Self.offset(send("GET", location, expecting: 204))
    }

    /// Where an upload stands, by the Range of an answer; `0-0` is taken for nothing.
    static func offset(_ answer: TestResponse) throws -> Int {
        let range = try #require(answer[header: "Range"])
        let last = try #require(range.split(separator: "-").last.flatMap { Int($0) })
        return last == 0 ? 0 : last + 1
    }

    func finish(_ location: String, _ digest: String, _ bytes: [UInt8] = []) async throws {
        let query = location.contains("?") ? "&" : "?"
        try await send("PUT", "\(location)\(query)digest=\(digest)", body: bytes, expecting: 201)
    }

    func push(_ blob: SampleBlob, to repository: String) async throws {
        let path = "/v2/\(repository)/blobs/uploads/?digest=\(blob.digest)"
        try await send("POST", path, body: blob.bytes, expecting: 201)
    }

    func push(_ manifest: SampleManifest, to repository: String, as reference: String) async throws {
        let type = [("Content-Type", manifest.mediaType)]
        let path = "/v2/\(repository)/manifests/\(reference)"
        try await send("PUT", path, headers: type, body: manifest.bytes, expecting: 201)
    }

    func push(_ image: SampleImage, to repository: String, as tag: String) async throws {
        for blob in image.blobs { try await push(blob, to: repository) }
        try await push(image.manifest, to: repository, as: tag)
    }

    /// Throws unless a GET brings exactly these bytes.
    func demand(_ path: String, is digest: String) async throws {
        let answer = try await send("GET", path, expecting: 200)
        let found = SampleBlob(answer.body).digest
        guard found == digest else { throw Refused(request: "GET \(path) has the digest \(found)", answer: answer) }
    }

    func demand(_ image: SampleImage, in repository: String, as tag: String) async throws {
        try await demand("/v2/\(repository)/manifests/\(tag)", is: image.manifest.digest)
        for blob in image.blobs { try await demand("/v2/\(repository)/blobs/\(blob.digest)", is: blob.digest) }
    }
}

extension WharfProcess {
    /// A server over a folder, on a port that the system chooses.
    static func serve(
        _ data: String,
        _ arguments: [String] = [],
        environment: [String: String] = [:]
    ) async throws -> WharfProcess {
        try await start(data: data, listen: "127.0.0.1:0", arguments: arguments, environment: environment)
    }
}

/// Waits until something is so.
func eventually(
    _ sentence: String,
    within limit: Duration = .seconds(20),
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        try #require(ContinuousClock.now < deadline, "\(sentence): not within \(limit)")
        try await Task.sleep(for: .milliseconds(5))
    }
}

/// How many bytes the uploads in progress have on the disk.
func uploadedByteCount(in data: String) -> Int {
    let folder = "\(data)/blobs/uploads"
    let files = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    return files.reduce(0) { sum, file in
        let facts = try? FileManager.default.attributesOfItem(atPath: "\(folder)/\(file)")
        return sum + (facts?[.type] as? FileAttributeType == .typeRegular ? facts?[.size] as? Int ?? 0 : 0)
    }
}
