import Foundation
import RegistryTesting
import Synchronization
import Testing

/// A certificate that is replaced while `wharf serve` has much to do.
@Suite(.serialized) struct TLSReloadTests {
    private static let blobByteCount = 48 << 20

    @Test func `a new certificate is taken up under load, and not one request or connection is lost`() async throws {
        let server = try await Server.start()
        let digest = try await server.pushBlob(byteCount: Self.blobByteCount)
        let old = try await server.serialNumber()

        let kept = try ["--http1.1", "--http1.1", "--http1.1", "--http2", "--http2"].map(server.startKeptConnection)
        let download = try server.startDownload(digest)
        let load = Load(on: server)
        async let end: Void = load.run()
        defer { load.isOver.open() }
        try await eventually("there is load") { load.requestCount >= 8 }
        #expect(try await server.serialNumber() == old)

        try await server.makeCertificate()
        let replaced = ContinuousClock.now
        try await eventually("the new certificate is served", within: .seconds(10)) {
            try await server.serialNumber() != old
        }
        let took = ContinuousClock.now - replaced
        #expect(took < .seconds(5), "\(took)")
        let new = try await server.serialNumber()
        #expect(new == (try await server.serialNumberOfFile()))
        for _ in 0..<5 { #expect(try await server.serialNumber() == new) }
        // Otherwise nothing below would tell of what was there before the change.
        #expect(download.status == nil && kept.allSatisfy { $0.status == nil })
        let before = load.requestCount
        try await eventually("there is load still") { load.requestCount >= before + 8 }

        load.isOver.open()
        await end
        #expect(load.failures == [])
        try await check(kept, download, server, digest)
        #expect(await server.wharf.stop() == 0, "\(server.wharf.log)")
        #expect(server.wharf.log.contains("TLS certificate taken up anew"))
    }

    private func check(
        _ kept: [RunningProcess],
        _ download: RunningProcess,
        _ server: Server,
        _ digest: String
    ) async throws {
        for client in kept {
            #expect(try await client.exit(within: .seconds(60)) == 0, "\(client.standardError)")
            let lines = client.standardOutput.split(separator: "\n")
            #expect(lines.count == Server.keptRequestCount && lines.allSatisfy { $0.hasPrefix("200 ") })
            // The first request connects, and all others use that connection.
            #expect(lines.first == "200 1" && lines.dropFirst().allSatisfy { $0 == "200 0" }, "\(lines)")
        }
        #expect(try await download.exit(within: .seconds(60)) == 0, "\(download.standardError)")
        #expect(try await server.digest(of: server.downloadFile) == digest)
    }
}

/// Clients that connect anew for each request, four at a time, until it is over.
private final class Load: Sendable {
    private struct Seen {
        var requestCount = 0
        var failures: [String] = []
    }

    let isOver = Gate()
    private let server: Server
    private let seen = Mutex(Seen())

    init(on server: Server) {
        self.server = server
    }

    var requestCount: Int { seen.withLock { $0.requestCount } }
    var failures: [String] { seen.withLock { $0.failures } }

    func run() async {
        await withTaskGroup(of: Void.self) { group in
            for version in ["--http1.1", "--http1.1", "--http2", "--http2"] {
                group.addTask { await self.connectAnew(version) }
            }
        }
    }

    private func connectAnew(_ version: String) async {
        while !isOver.isOpen {
            let failure = await request(version)
            seen.withLock { seen in
                seen.requestCount += 1
                if let failure { seen.failures.append(failure) }
            }
        }
    }

    /// What went wrong with one request.
    private func request(_ version: String) async -> String? {
        do {
            let options = [version, "--write-out", "%{http_code}"]
            let result = try await Curl.run(server.trust + options + ["\(server.address)/v2/"])
            return result.standardOutput == "{}200" ? nil : "\(result)"
        } catch {
            return "\(error)"
        }
    }
}

/// `wharf serve` with a certificate that `wharf certs make` made, and makes again.
private struct Server {
    /// How many requests one kept connection has, 25 in a second: for longer than a change takes to be seen.
    static let keptRequestCount = 200

    let folder: TemporaryFolder
    let wharf: WharfProcess

    var address: String { wharf.address.replacing("127.0.0.1", with: "localhost") }
    var trust: [String] { ["--cacert", "\(folder.path)/ca.pem"] }
    var downloadFile: String { "\(folder.path)/downloaded" }

    static func start() async throws -> Server {
        let folder = try TemporaryFolder()
        try await makeCertificate(in: folder)
        let files = ["--tls-certificate", "\(folder.path)/server.pem", "--tls-key", "\(folder.path)/server.key"]
        let wharf = try await WharfProcess.start(data: "\(folder.path)/data", arguments: files)
        return Server(folder: folder, wharf: wharf)
    }

    func makeCertificate() async throws {
        try await Self.makeCertificate(in: folder)
    }

    private static func makeCertificate(in folder: TemporaryFolder) async throws {
        try await WharfProcess.command(["certs", "make", "--name", "localhost", "--out", folder.path]).output()
    }

    /// The serial number of the certificate that a new connection is shown, when the CA vouches for it.
    func serialNumber() async throws -> String {
        let client = "openssl s_client -connect \(wharf.authority) -CAfile \(folder.path)/ca.pem -verify_return_error"
        let script = "set -o pipefail; \(client) -verify_hostname localhost </dev/null | openssl x509 -noout -serial"
        return try await Command("/bin/bash", ["-c", script], timeout: .seconds(20)).output()
    }

    func serialNumberOfFile() async throws -> String {
        let arguments = ["x509", "-noout", "-serial", "-in", "\(folder.path)/server.pem"]
        return try await Command("/usr/bin/openssl", arguments).output()
    }

    func digest(of file: String) async throws -> String {
        "sha256:" + (try await Command("/usr/bin/sha256sum", [file]).output().prefix(64))
    }

    /// Pushes a blob of random bytes.
    func pushBlob(byteCount: Int) async throws -> String {
        let file = "\(folder.path)/blob"
        let blocks = ["bs=1M", "count=\(byteCount >> 20)"]
        try await Command("/bin/dd", ["if=/dev/urandom", "of=\(file)", "status=none"] + blocks).output()
        let digest = try await digest(of: file)
        let target = "\(address)/v2/app/blobs/uploads/?digest=\(digest)"
        let options = ["--request", "POST", "--data-binary", "@\(file)", "--write-out", "%{http_code}"]
        let result = try await Curl.run(trust + options + [target])
        #expect(result.standardOutput == "201", "\(result)")
        return digest
    }

    /// Begins a download that takes twelve seconds at least.
    func startDownload(_ digest: String) throws -> RunningProcess {
        let options = ["--silent", "--show-error", "--fail", "--limit-rate", "4M", "--output", downloadFile]
        return try Command("/usr/bin/curl", trust + options + ["\(address)/v2/app/blobs/\(digest)"]).start()
    }

    /// Begins requests one after the other; each is a line of its status and of how many connections were made for it.
    func startKeptConnection(_ version: String) throws -> RunningProcess {
        let options = [
            "--silent", "--show-error", version, "--rate", "25/s", "--output", "/dev/null", "--write-out",
            #"%{http_code} %{num_connects}\n"#,
        ]
        let target = "\(address)/v2/?[1-\(Self.keptRequestCount)]"
        return try Command("/usr/bin/curl", trust + options + [target]).start()
    }
}
