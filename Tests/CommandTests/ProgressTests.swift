import Foundation
import RegistryTesting
import Testing

/// How a copy shows how far it is.
@Suite(.serialized) struct ProgressTests {
    /// What stood on the terminal, and what came out.
    private struct Seen: Decodable {
        /// The lines while it ran.
        var during: [String]
        /// The lines that are left.
        var after: [String]
        /// All that was written to the terminal.
        var raw: String
        /// Standard output.
        var output: String
        var status: Int

        var isColoured: Bool { raw.contains("\u{1B}[32m") }
        var movesCursor: Bool { raw.contains("\u{1B}[") }
    }

    @Test func `bars, rate and time left stand on a terminal, and nothing of them stays`() async throws {
        let seen = try await copy(columns: "100")
        #expect(seen.status == 0 && seen.after == [] && seen.isColoured, "\(seen)")
        #expect(seen.during.count >= 2 && seen.during.allSatisfy { $0.contains("━") || $0.contains("─") }, "\(seen)")
        #expect(seen.during.last?.contains(#/^total .* of 5, .* MB of 12.0 MB/#) == true, "\(seen)")
        #expect(seen.raw.contains(#/MB\/s, \d+ s left/#), "\(seen)")
        #expect(seen.output.hasPrefix("oci:") && seen.output.contains("@sha256:") && seen.output.hasSuffix("\n"))
        #expect(seen.output.split(separator: "\n").count == 1)
    }

    @Test func `a narrow terminal has shorter lines, and none is broken`() async throws {
        let seen = try await copy(columns: "40", ["NO_COLOR": "1"])
        #expect(seen.status == 0 && seen.after == [] && !seen.isColoured && seen.movesCursor, "\(seen)")
        #expect(seen.during.count >= 2 && seen.during.allSatisfy { $0.count < 40 && $0.contains("%") }, "\(seen)")
        #expect(seen.raw.contains(#/total .* \d+ s left/#), "\(seen)")
    }

    @Test func `a terminal that is made narrower is drawn anew, and nothing stays of what was wider`() async throws {
        let seen = try await copy(columns: "120,50")
        #expect(seen.status == 0 && seen.after == [], "\(seen)")
        #expect(!seen.during.isEmpty && seen.during.allSatisfy { $0.count < 50 }, "\(seen)")
    }

    @Test(arguments: [["TERM": "dumb"], ["TERM": ""]])
    func `a terminal that cannot move its cursor gets a line for each blob`(environment: [String: String]) async throws
    {
        let seen = try await copy(columns: "80", environment)
        #expect(seen.status == 0 && !seen.movesCursor, "\(seen)")
        #expect(seen.after.count == 5 && seen.after.last?.contains(": copied, ") == true, "\(seen)")
        #expect(seen.after.last?.hasSuffix(" (5 of 5)") == true, "\(seen)")
    }

    @Test func `requests that are shown do not run into bars`() async throws {
        let seen = try await copy(columns: "80", [:], ["--verbose", "--output", "json"])
        #expect(seen.status == 0 && !seen.movesCursor, "\(seen)")
        #expect(seen.after.contains { $0.hasPrefix("GET http://") && $0.contains(" 200 in ") }, "\(seen)")
        let result = try JSONSerialization.jsonObject(with: Data(seen.output.utf8)) as? [String: Any]
        #expect(result?["sentBytes"] as? Int ?? 0 > 12_000_000)
    }

    @Test func `quiet is quiet`() async throws {
        let seen = try await copy(columns: "80", [:], ["--quiet"])
        #expect(seen.status == 0 && seen.raw == "" && seen.output.contains("@sha256:"), "\(seen)")
    }

    @Test func `an error stands alone where bars were`() async throws {
        let seen = try await copy(columns: "200", tag: "2")
        #expect(seen.status == 3 && seen.output == "", "\(seen)")
        #expect(seen.after.count == 1 && seen.after[0].hasPrefix("Error: "), "\(seen)")
    }

    // MARK: A copy that takes some seconds

    private func copy(
        columns: String,
        _ environment: [String: String] = [:],
        _ arguments: [String] = [],
        tag: String = "1"
    ) async throws -> Seen {
        let folder = try TemporaryFolder()
        let server = try await WharfProcess.start(data: "\(folder.path)/data")
        let port = server.authority.split(separator: ":").last ?? ""
        try await push(to: server)
        let scripts = URL(filePath: #filePath).deletingLastPathComponent().path
        let proxy = try Command("/usr/bin/python3", ["\(scripts)/slow_proxy.py", "\(port)", "5000000"]).start()
        try await proxy.waitUntil("the proxy listens", within: .seconds(20)) { proxy.standardOutput.hasSuffix("\n") }
        let slow = "127.0.0.1:\(proxy.standardOutput.dropLast())"
        let line = ["copy", "\(slow)/big:\(tag)", "oci:\(folder.path)/out:1"] + arguments
        var command = WharfProcess.command([])
        command.executable = "/usr/bin/python3"
        command.arguments = ["\(scripts)/progress.py", "24", columns, WharfProcess.binary] + line
        let standard = ["TERM": "xterm", "HOME": folder.path]
        for (name, value) in standard.merging(environment, uniquingKeysWith: { $1 }) {
            command.environment.updateValue(value, forKey: name)
        }
        if environment["NO_COLOR"] == nil { command.environment.updateValue(nil, forKey: "NO_COLOR") }
        let result = try await command.run()
        await proxy.kill()
        await server.kill()
        #expect(result.status == 0, "\(result)")
        return try JSONDecoder().decode(Seen.self, from: Data(result.standardOutput.utf8))
    }

    /// Pushes an image of four layers with 12 MB in all.
    private func push(to server: WharfProcess) async throws {
        let client = TestHTTPClient(port: Int(server.authority.split(separator: ":").last ?? "") ?? 0)
        func send(_ method: String, _ path: String, _ type: String, _ bytes: [UInt8]) async throws {
            let headers = [("Content-Type", type), ("Content-Length", "\(bytes.count)")]
            let answer = try await client.send(TestRequest(method, path, headers: headers, body: bytes))
            #expect(answer.status == 201, "\(answer.text)")
        }
        let layers = (1...4).map { SampleBlob(count: 3_000_000, seed: $0) }
        for blob in layers + [SampleBlob.emptyJSON] {
            try await send(
                "POST",
                "/v2/big/blobs/uploads/?digest=\(blob.digest)",
                "application/octet-stream",
                blob.bytes
            )
        }
        let manifest = SampleManifest.image(
            config: SampleBlob.emptyJSON.descriptor("application/vnd.oci.image.config.v1+json"),
            layers: layers.map { $0.descriptor("application/vnd.oci.image.layer.v1.tar") }
        )
        try await send("PUT", "/v2/big/manifests/1", manifest.mediaType, manifest.bytes)
    }
}
