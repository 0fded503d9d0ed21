import Foundation
import RegistryTesting
import Testing

/// Configurations of servers in a folder, the built program, and its clients.
struct Town: Sendable {
    let folder: TemporaryFolder

    static func with(_ body: (Town) async throws -> Void) async throws {
        // What the servers use is in their files.
        try await TestDatabase.$current.withValue(.sqlite) {
            try await TestBlobs.$current.withValue(.files) { try await body(Town(folder: TemporaryFolder())) }
        }
    }

    /// The data folder of a server.
    func data(_ name: String) -> String { "\(folder.path)/\(name)" }
    /// Its configuration.
    func file(_ name: String) -> String { "\(folder.path)/\(name).yaml" }

    /// Writes the configuration of a server with its metadata in a database, or else in its folder.
    func configure(_ name: String, database: String? = nil, more: String = "") throws {
        var text = "storage:\n  data: \(data(name))\naccess:\n  required: true\n\(more)"
        if let database { text += "postgresql:\n  connection: \(database)\n" }
        try text.write(toFile: file(name), atomically: true, encoding: .utf8)
    }

    func serve(_ name: String) async throws -> Server {
        Server(try await WharfProcess.start(data: data(name), arguments: ["--config", file(name)]))
    }

    /// A command of the program that ends with this status.
    @discardableResult
    func wharf(_ arguments: String..., status: Int32 = 0) async throws -> CommandResult {
        var command = WharfProcess.command(arguments)
        command.timeout = .seconds(120)
        let result = try await command.run()
        #expect(result.status == status, "\(arguments): \(result)")
        return result
    }

    @discardableResult
    func migrate(_ old: String, _ new: String, _ more: String..., status: Int32 = 0) async throws -> CommandResult {
        try await migrate(old, new, more, status: status)
    }

    @discardableResult
    func migrate(_ old: String, _ new: String, _ more: [String], status: Int32 = 0) async throws -> CommandResult {
        let arguments = ["storage", "migrate", "--config", file(old), "--to", file(new)] + more
        var command = WharfProcess.command(arguments)
        command.timeout = .seconds(120)
        let result = try await command.run()
        #expect(result.status == status, "\(result)")
        return result
    }

    /// An empty database of its own.
    static func database() async throws -> String {
        let server = try await PostgreSQLServer.shared
        return server.address(of: try await server.makeDatabase())
    }

    /// Each file below a folder, with what is in it and when it was changed.
    func files(_ name: String) throws -> [String: String] {
        var files: [String: String] = [:]
        let root = data(name)
        for path in try FileManager.default.subpathsOfDirectory(atPath: root) {
            let facts = try FileManager.default.attributesOfItem(atPath: "\(root)/\(path)")
            guard facts[.type] as? FileAttributeType == .typeRegular else { continue }
            let bytes = try Data(contentsOf: URL(filePath: "\(root)/\(path)"))
            files[path] = "\(SampleBlob(Array(bytes)).digest) \(String(describing: facts[.modificationDate]))"
        }
        return files
    }

    /// How many finished blobs a server has.
    func blobCount(_ name: String) -> Int {
        let paths = try? FileManager.default.subpathsOfDirectory(atPath: "\(data(name))/blobs/sha256")
        return paths?.count { $0.contains(".") } ?? 0
    }
}

/// A running server, as clients see it.
struct Server: Sendable {
    let process: WharfProcess
    private let http: TestHTTPClient

    init(_ process: WharfProcess) {
        self.process = process
        let port = process.authority.split(separator: ":").last.flatMap { Int($0) } ?? 0
        http = TestHTTPClient(port: port, timeout: .seconds(30))
    }

    /// The password of the administrator, which the first start says.
    var adminPassword: String {
        let line = process.process.standardOutput.split(separator: "\n").first { $0.hasPrefix("password: ") }
        return String(line?.dropFirst("password: ".count) ?? "")
    }

    func stop() async {
        #expect(await process.stop() == 0, "\(process.log)")
    }

    /// The status with which somebody logs in.
    func login(_ name: String, _ password: String) async throws -> Int {
        try await token(name, password, "").status
    }

    func push(_ image: SampleImage, to repository: String, tag: String, as name: String, _ password: String)
        async throws
    {
        let bearer = try await bearer(name, password, repository)
        for blob in image.blobs {
            let path = "/v2/\(repository)/blobs/uploads/?digest=\(blob.digest)"
            let answer = try await http.send(TestRequest("POST", path, headers: [bearer], body: blob.bytes))
            #expect(answer.status == 201, "\(answer.text)")
        }
        let type = ("Content-Type", image.manifest.mediaType)
        let path = "/v2/\(repository)/manifests/\(tag)"
        let answer = try await http.send(
            TestRequest("PUT", path, headers: [bearer, type], body: image.manifest.bytes)
        )
        #expect(answer.status == 201, "\(answer.text)")
    }

    /// Begins an upload and leaves it.
    func leaveUpload(in repository: String, as name: String, _ password: String) async throws {
        let bearer = try await bearer(name, password, repository)
        let answer = try await http.send(TestRequest("POST", "/v2/\(repository)/blobs/uploads/", headers: [bearer]))
        #expect(answer.status == 202)
    }

    /// Whether an image comes back as it was pushed.
    func has(_ image: SampleImage, in repository: String, tag: String, as name: String, _ password: String) async throws
        -> Bool
    {
        let bearer = try await bearer(name, password, repository)
        let manifest = try await http.send(
            TestRequest("GET", "/v2/\(repository)/manifests/\(tag)", headers: [bearer])
        )
        guard manifest.status == 200, manifest.body == image.manifest.bytes else { return false }
        for blob in image.blobs {
            let path = "/v2/\(repository)/blobs/\(blob.digest)"
            let answer = try await http.send(TestRequest("GET", path, headers: [bearer]))
            guard answer.status == 200, answer.body == blob.bytes else { return false }
        }
        return true
    }

    private func bearer(_ name: String, _ password: String, _ repository: String) async throws -> (String, String) {
        struct Grant: Decodable { var token: String }
        let answer = try await token(name, password, "repository:\(repository):pull,push")
        let grant = try JSONDecoder().decode(Grant.self, from: Data(answer.body))
        return ("Authorization", "Bearer \(grant.token)")
    }

    private func token(_ name: String, _ password: String, _ scope: String) async throws -> TestResponse {
        let credentials = Data("\(name):\(password)".utf8).base64EncodedString()
        return try await http.send(
            TestRequest(
                "GET",
                "/token?service=wharf&scope=\(scope)",
                headers: [("Authorization", "Basic \(credentials)")]
            )
        )
    }
}
