import Foundation
import RegistryTesting
import Testing

/// The program itself, as a process: its memory, its descriptors, its end.
@Suite(.serialized) struct RealServerTests {
    private struct Server {
        let wharf: WharfProcess
        let client: TestHTTPClient

        /// The value of a metric.
        func sample(_ name: String) async throws -> Int? {
            let page = try await client.send(TestRequest("GET", "/metrics")).text
            let line = page.split(separator: "\n").first { $0.hasPrefix(name + " ") }
            return line.flatMap { Double($0.dropFirst(name.count + 1)) }.map { Int($0) }
        }

        func startUpload() async throws -> String {
            let begun = try await client.send(TestRequest("POST", "/v2/app/blobs/uploads/"))
            return try #require(begun[header: "Location"])
        }

        /// A value in kB of `/proc/PID/status`.
        func memory(_ name: String) throws -> Int {
            let status = try String(contentsOfFile: "/proc/\(wharf.process.pid)/status", encoding: .utf8)
            let line = status.split(separator: "\n").first { $0.hasPrefix(name + ":") }
            return try #require(line?.split(separator: " ").dropLast().last.flatMap { Int($0) })
        }

        func descriptorCount() throws -> Int {
            try FileManager.default.contentsOfDirectory(atPath: "/proc/\(wharf.process.pid)/fd").count
        }
    }

    private static func run(_ arguments: [String] = [], _ body: (Server) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        let wharf = try await WharfProcess.start(data: folder.path, arguments: arguments)
        let port = try #require(wharf.authority.split(separator: ":").last.flatMap { Int($0) })
        try await body(Server(wharf: wharf, client: TestHTTPClient(port: port)))
        #expect(await wharf.stop() == 0, "\(wharf.log)")
    }

    private static let bodyByteCount = 64 << 20

    /// What is asserted holds for a debug build; `make bench` shows the strict figure.
    @Test func `32 uploads and 32 downloads of 64 MiB at once fit into little memory`() async throws {
        let folder = try TemporaryFolder()
        let body = "\(folder.path)/body"
        try await Command("/usr/bin/truncate", ["--size", "\(Self.bodyByteCount)", body]).output()
        let digest = try await Command("/usr/bin/sha256sum", [body]).output().prefix(64)
        try await Self.run(["--log-level", "warning"]) { server in
            let first = server.wharf.address + (try await server.startUpload()) + "?digest=sha256:\(digest)"
            let pushed = try await Curl.run(["--upload-file", body, "--write-out", "%{http_code}", first])
            #expect(pushed.standardOutput == "201", "\(pushed)")
            let atRest = try server.memory("VmRSS")

            var clients: [RunningProcess] = []
            for _ in 0..<32 {
                let location = server.wharf.address + (try await server.startUpload())
                let upload = ["--request", "PATCH", "--upload-file", body, "--output", "/dev/null", location]
                let download = ["--output", "/dev/null", "\(server.wharf.address)/v2/app/blobs/sha256:\(digest)"]
                for options in [upload, download] {
                    clients.append(
                        try Command("/usr/bin/curl", ["--silent", "--show-error", "--fail"] + options).start()
                    )
                }
            }
            for client in clients {
                #expect(try await client.exit(within: .seconds(300)) == 0, "\(client.standardError)")
            }
            let peak = try server.memory("VmHWM")
            print(
                "32 uploads and 32 downloads of 64 MiB: \(atRest / 1024) MiB at rest, \(peak / 1024) MiB at most"
            )
            #expect(peak < 200 * 1024)
            let sent = try await server.sample("wharf_http_sent_bytes_total") ?? 0
            #expect(sent >= 31 * Self.bodyByteCount)
        }
    }

    @Test func `connections that are cut at every stage leave no descriptor and no connection`() async throws {
        try await Self.run(["--log-level", "warning"]) { server in
            let blob = SampleBlob(count: 5_000_000, seed: 4)
            let location = try await server.startUpload()
            let pushed = try await server.client.send(
                TestRequest("PUT", "\(location)?digest=\(blob.digest)", body: blob.bytes)
            )
            #expect(pushed.status == 201)
            // What is read is kept open for a while.
            let pulled = try await server.client.send(TestRequest("GET", "/v2/app/blobs/\(blob.digest)"))
            #expect(pulled.body == blob.bytes)
            let before = try server.descriptorCount()
            let upload = try await server.startUpload()
            let requests = [
                "", "GET /v2/ HT", "GET /v2/app/blobs/\(blob.digest) HTTP/1.1\r\nHost: x\r\n\r\n",
                "PATCH \(upload) HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nabc",
                "PUT /v2/app/manifests/1 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
                "GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\nGET /v2/app/blobs/\(blob.digest) HTTP/1.1\r\nHost: x\r\n\r\n",
            ]
            for round in 0..<60 {
                try await server.client.withConnection { connection in
                    try connection.send(requests[round % requests.count])
                    if round % 2 == 0 { connection.reset() } else { connection.close() }
                }
            }
            // The connection that asks is itself one.
            try await eventually("no other connection is left") {
                try await server.sample("wharf_http_connections") == 1
            }
            try await eventually("no descriptor is left") { try server.descriptorCount() <= before }
        }
    }

    @Test func `SIGTERM lets a running upload finish, closes what is idle, and ends with 0`() async throws {
        let folder = try TemporaryFolder()
        let wharf = try await WharfProcess.start(data: folder.path)
        let port = try #require(wharf.authority.split(separator: ":").last.flatMap { Int($0) })
        let server = Server(wharf: wharf, client: TestHTTPClient(port: port))
        let blob = SampleBlob(count: 400_000, seed: 9)
        let location = try await server.startUpload()
        let (isIdling, isUnderWay) = (Gate(), Gate())
        async let idle = server.client.withConnection { connection in
            #expect(try connection.exchange(TestRequest("GET", "/livez")).status == 200)
            isIdling.open()
            try isUnderWay.block()
            return try connection.isEndedByServer()
        }
        let isDraining = Gate()
        async let upload = server.client.withConnection { connection in
            let request = TestRequest("PUT", "\(location)?digest=\(blob.digest)", body: blob.bytes)
            try connection.sendHead(of: request)
            try connection.send(Array(blob.bytes[..<200_000]))
            try isDraining.block()
            try connection.send(Array(blob.bytes[200_000...]))
            return (try connection.receive(method: "PUT"), try connection.isEndedByServer())
        }
        try await eventually("the upload is being served") { try await server.sample("wharf_uploads_active") == 1 }
        await isIdling.wait()
        wharf.process.signal(SIGTERM)
        try await wharf.process.waitUntil("it drains") { wharf.log.contains("stopping") }
        isUnderWay.open()
        isDraining.open()
        let isIdleEnded = try await idle
        #expect(isIdleEnded)
        let (answer, isEnded) = try await upload
        #expect(answer.status == 201, "\(answer.text)")
        #expect(answer[header: "Connection"] == "close")
        #expect(isEnded)
        #expect(try await wharf.process.exit(within: .seconds(20)) == 0, "\(wharf.log)")
    }

    @Test func `clients of HTTP/2 that ask for much and read nothing take little memory`() async throws {
        let (folder, certificate) = (try TemporaryFolder(), try await TestCertificate())
        let wharf = try await WharfProcess.start(
            data: folder.path,
            arguments: ["--tls-certificate", certificate.certificateFile, "--tls-key", certificate.keyFile]
        )
        let port = try #require(wharf.authority.split(separator: ":").last.flatMap { Int($0) })
        let file = "\(folder.path)/blob"
        let blob = SampleBlob(count: 2 << 20, seed: 4)
        try Data(blob.bytes).write(to: URL(fileURLWithPath: file))
        let push = ["--insecure", "--data-binary", "@\(file)", "--write-out", "%{http_code}"]
        let upload = "\(wharf.address)/v2/app/blobs/uploads/?digest=\(blob.digest)"
        #expect(try await Curl.run(push + [upload]).standardOutput == "201")
        let gets = (0..<100).map { "get=\(2 * $0 + 1),/v2/app/blobs/\(blob.digest)" }
        var clients: [RunningProcess] = []
        for _ in 0..<8 {
            let script = "\(TestScripts.folder)/http2_client.py"
            let steps = ["window=0"] + gets + ["until=HEADERS 199", "until=EOF"]
            clients.append(try Command("/usr/bin/python3", [script, "\(port)"] + steps).start())
        }
        for client in clients {
            try await client.waitUntil("all streams are answered") { client.standardOutput.contains("HEADERS 199 200") }
        }
        // 270 KiB each would be 211 MiB.
        let server = Server(wharf: wharf, client: TestHTTPClient(port: port))
        #expect(try server.memory("RssAnon") < 130 << 10)
        for client in clients { await client.kill() }
        #expect(await wharf.stop() == 0)
    }

    @Test func `a TLS handshake that fails is logged with its reason`() async throws {
        let (folder, certificate) = (try TemporaryFolder(), try await TestCertificate())
        let wharf = try await WharfProcess.start(
            data: folder.path,
            arguments: ["--tls-certificate", certificate.certificateFile, "--tls-key", certificate.keyFile]
        )
        let plain = wharf.address.replacingOccurrences(of: "https:", with: "http:")
        _ = try await Command("/usr/bin/curl", ["--silent", "\(plain)/v2/"]).run()
        try await wharf.process.waitUntil("it is in the log") { wharf.log.contains("a TLS handshake failed") }
        #expect(await wharf.stop() == 0)
    }

    @Test func `probes may have a query`() async throws {
        try await Self.run { server in
            for path in ["/livez?verbose", "/readyz?x=1", "/metrics?name=a"] {
                let answer = try await server.client.send(TestRequest("GET", path))
                #expect(answer.status == 200, "\(path)")
            }
        }
    }

    @Test func `with a certificate and its key it speaks HTTPS in both versions`() async throws {
        let (folder, certificate) = (try TemporaryFolder(), try await TestCertificate())
        let wharf = try await WharfProcess.start(
            data: folder.path,
            arguments: ["--tls-certificate", certificate.certificateFile, "--tls-key", certificate.keyFile]
        )
        #expect(wharf.address.hasPrefix("https://127.0.0.1:"))
        for (option, version) in [("--http1.1", "1.1"), ("--http2", "2")] {
            let options = [
                "--cacert", certificate.certificateFile, option, "--write-out", "|%{http_version}|%{http_code}",
            ]
            let result = try await Curl.run(options + ["\(wharf.address)/v2/"])
            #expect(result.standardOutput == "{}|\(version)|200")
        }
        #expect(await wharf.stop() == 0, "\(wharf.log)")
    }

    @Test func `a certificate that cannot be used is named before anything is served`() async throws {
        let folder = try TemporaryFolder()
        let (own, other) = (try await TestCertificate(), try await TestCertificate())
        let nowhere = "\(folder.path)/nowhere"
        for (certificate, key) in [
            (nowhere, own.keyFile), (own.certificateFile, nowhere), (own.certificateFile, other.keyFile),
        ] {
            let result = try await WharfProcess.command(
                ["serve", "--data", "\(folder.path)/data", "--listen", "127.0.0.1:0"]
                    + ["--tls-certificate", certificate, "--tls-key", key]
            ).run()
            #expect(result.status != 0)
            #expect(!result.standardOutput.contains("ready"))
            #expect(result.standardError.contains(key == own.keyFile ? certificate : key), "\(result.standardError)")
        }
    }

    @Test func `a server that may open few files says no more than it must, and recovers`() async throws {
        let folder = try TemporaryFolder()
        let script = "ulimit -n 60; exec \"$0\" \"$@\""
        let listen = "127.0.0.1:\(try FreePort.find())"
        let wharf = try Command(
            "/bin/sh",
            ["-c", script, WharfProcess.binary, "serve", "--data", folder.path, "--listen", listen]
        ).start()
        try await wharf.waitUntil("it is ready") { wharf.standardOutput.contains("ready") }
        let port = try #require(listen.split(separator: ":").last.flatMap { Int($0) })
        let client = TestHTTPClient(port: port)
        let statuses = try await client.withConnection { first in
            let before = try first.exchange(TestRequest("GET", "/livez")).status
            let others = (0..<100).compactMap { _ in
                try? TestConnection(address: "127.0.0.1", port: port, timeout: .seconds(1))
            }
            let full = try first.exchange(TestRequest("GET", "/livez")).status
            for other in others { other.close() }
            return [before, full]
        }
        #expect(statuses == [200, 200])
        try await eventually("new connections are taken again") {
            (try? await client.send(TestRequest("GET", "/v2/")).status) == 200
        }
        #expect(await wharf.stop() == 0, "\(wharf.standardError)")
    }
}
