import Foundation
import RegistryTesting
import Testing

/// A disk that fills up under a server, and has room again.
@Suite(.enabled(if: MountedFolder.isPossible, "this process may not mount a file system"))
struct WatermarkTests {
    private static let patience = Duration.seconds(40)

    /// Asks until an answer is as wanted; the last one.
    private func ask(
        _ request: TestRequest,
        of server: WharfProcess,
        until isWanted: (TestResponse) -> Bool
    ) async throws -> TestResponse {
        let port = try #require(server.authority.split(separator: ":").last.flatMap { Int($0) })
        let start = ContinuousClock.now
        while true {
            let answer = try await TestHTTPClient(port: port).send(request)
            if isWanted(answer) || start.duration(to: .now) > Self.patience { return answer }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    private func push(_ blob: SampleBlob) -> TestRequest {
        TestRequest(
            "POST",
            "/v2/team/app/blobs/uploads/?digest=\(blob.digest)",
            headers: [("Content-Length", "\(blob.bytes.count)")],
            body: blob.bytes
        )
    }

    @Test func `uploads are refused above the second mark, pulls go on, and all comes back without a restart`()
        async throws
    {
        let disk = try MountedFolder(byteCount: 64 << 20)
        let server = try await WharfProcess.start(
            data: "\(disk.path)/data",
            environment: [
                "WHARF_STORAGE_RESERVE": "0MiB", "WHARF_STORAGE_WARN_ABOVE": "0.4", "WHARF_STORAGE_REFUSE_ABOVE": "0.6",
            ]
        )
        do {
            let (first, second) = (SampleBlob(count: 1000, seed: 1), SampleBlob(count: 1000, seed: 2))
            let ballast = URL(filePath: "\(disk.path)/ballast")
            #expect(try await ask(push(first), of: server) { _ in true }.status == 201)

            try Data(count: 30 << 20).write(to: ballast)
            let metrics = TestRequest("GET", "/metrics")
            func level(_ level: Int) -> (TestResponse) -> Bool {
                { $0.text.contains("wharf_storage_watermark \(level)\n") }
            }
            let warned = try await ask(metrics, of: server, until: level(1))
            #expect(level(1)(warned))
            #expect(server.log.contains("the disk is rather full"))
            #expect(try await ask(push(second), of: server) { _ in true }.status == 201)

            try Data(count: 45 << 20).write(to: ballast)
            let third = SampleBlob(count: 1000, seed: 3)
            // What was measured lately is believed for a second.
            let refused = try await ask(push(third), of: server) { $0.status != 201 }
            #expect(refused.status == 507 && refused.text.contains("STORAGE_FULL"), "\(refused.text)")
            #expect(refused[header: "Retry-After"] == "60")
            let pull = TestRequest("GET", "/v2/team/app/blobs/\(first.digest)")
            #expect(try await ask(pull, of: server) { _ in true }.body == first.bytes)
            #expect(level(2)(try await ask(metrics, of: server, until: level(2))))
            #expect(server.log.contains("uploads are refused (507)"))

            try FileManager.default.removeItem(at: ballast)
            #expect(try await ask(push(third), of: server) { $0.status == 201 }.status == 201)
            #expect(level(0)(try await ask(metrics, of: server, until: level(0))))
            #expect(server.log.contains("there is room enough on the disk again"))
        } catch {
            await server.kill()
            throw error
        }
        #expect(await server.stop() == 0, "\(server.log)")
    }
}
