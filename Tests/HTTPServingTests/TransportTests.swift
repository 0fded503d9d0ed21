import Foundation
import HTTPServing
import NIOHTTP1
import RegistryTesting
import Synchronization
import Testing

/// What holds over HTTP/1.1, over TLS, and over HTTP/2.
@Suite struct TransportTests {
    @Test(arguments: Transport.allCases)
    func `the version that was asked for is spoken`(transport: Transport) async throws {
        try await transport.run { server in
            let result = try await transport.curl(server, "/hello", ["--write-out", "|%{http_version}|%{http_code}"])
            #expect(result.standardOutput == "hello|\(transport == .http2 ? "2" : "1.1")|200")
        }
    }

    @Test(arguments: Transport.allCases)
    func `a body comes as it was sent, with a length and without`(transport: Transport) async throws {
        let folder = try TemporaryFolder()
        var generator = SeededGenerator(seed: 11)
        let bytes = Data(generator.bytes(3_000_000))
        try bytes.write(to: URL(filePath: "\(folder.path)/body"))
        try await transport.run { server in
            for options in [[], ["--header", "Transfer-Encoding: chunked"]] {
                let result = try await transport.curl(
                    server,
                    "/echo",
                    options + ["--upload-file", "\(folder.path)/body", "--output", "\(folder.path)/echo"]
                )
                #expect(result.status == 0, "\(result.standardError)")
                #expect(try Data(contentsOf: URL(filePath: "\(folder.path)/echo")) == bytes)
            }
        }
    }

    @Test(arguments: Transport.allCases)
    func `a request without a body has none, whatever its method`(transport: Transport) async throws {
        let declared = Mutex<[Int64?]>([])
        try await transport.run(
            respond: { request in
                declared.withLock { $0.append(request.body.declaredByteCount) }
                return await Answers.count(request)
            }
        ) { server in
            for method in ["GET", "DELETE", "POST", "PUT"] {
                let result = try await transport.curl(server, "/", ["--request", method])
                #expect(result.standardOutput == "0")
            }
            #expect(declared.withLock { $0 } == [0, 0, 0, 0])
        }
    }

    @Test(arguments: Transport.allCases, [100_000, 40_000_000])
    func `an upload that is refused at once has its answer`(transport: Transport, count: Int) async throws {
        let folder = try TemporaryFolder()
        let body = "\(folder.path)/body"
        try await Command("/usr/bin/truncate", ["--size", "\(count)", body]).output()
        try await transport.run { server in
            for round in 0..<5 {
                let result = try await transport.curl(
                    server,
                    "/refuse",
                    ["--header", "Expect:", "--upload-file", body, "--write-out", "|%{http_code}"]
                )
                #expect(result.standardOutput == "refused|403", "round \(round): \(result)")
                #expect(result.status == 0, "round \(round): \(result)")
            }
            try await eventually("all connections are gone") { server.connectionCount == 0 }
        }
    }

    @Test(arguments: Transport.allCases)
    func `HEAD has the length and no body`(transport: Transport) async throws {
        try await transport.run { server in
            let result = try await transport.curl(server, "/zeros/1000", ["--head"])
            #expect(result.status == 0)
            #expect(result.standardOutput.lowercased().contains("content-length: 1000"))
        }
    }

    @Test(arguments: Transport.allCases)
    func `many requests at once are all answered`(transport: Transport) async throws {
        try await transport.run { server in
            let paths = (0..<40).map { ["/hello", "/later", "/zeros/300000", "/zeros/1000000"][$0 % 4] }
            var options = transport.curlOptions + ["--parallel", "--parallel-max", "20", "--output", "/dev/null"]
            options += ["--write-out", "%{http_code} %{size_download}\n"]
            for path in paths.dropLast() { options += [transport.address(server, path), "--output", "/dev/null"] }
            let result = try await Curl.run(options + [transport.address(server, paths[39])])
            #expect(result.status == 0, "\(result.standardError)")
            let lines = result.standardOutput.split(separator: "\n").map(String.init).sorted()
            let sizes = ["5", "5", "300000", "1000000"]
            #expect(lines == (0..<40).map { "200 " + sizes[$0 % 4] }.sorted())
            try await eventually("all are counted") { server.requestCount("GET", 200) == 40 }
        }
    }

    @Test(arguments: Transport.allCases)
    func `a client that goes away in the middle of its upload leaves nothing`(transport: Transport) async throws {
        let began = Gate()
        let told = Mutex<[String]>([])
        try await transport.run(
            respond: { request in
                _ = try? await request.body.next(upTo: 1)
                began.open()
                let answer = await Answers.count(request)
                told.withLock { $0.append("\(answer.status.code)") }
                return answer
            }
        ) { server in
            let options = ["--upload-file", "/dev/zero", "--limit-rate", "500K"]
            let client = try transport.startCurl(server, "/", options)
            await began.wait()
            await client.kill()
            try await eventually("the reader was told") { told.withLock { $0 } == ["400"] }
            try await eventually("all connections are gone") { server.connectionCount == 0 }
            let counts = [400, 499].map { server.requestCount("PUT", $0) }
            #expect(counts.reduce(0, +) == 1, "\(counts)")
        }
    }

    @Test(arguments: Transport.allCases)
    func `a client that goes away in the middle of its download leaves nothing`(transport: Transport) async throws {
        let folder = try TemporaryFolder()
        try await transport.run { server in
            let options = ["--limit-rate", "500K", "--no-buffer", "--output", "\(folder.path)/part"]
            let client = try transport.startCurl(server, "/zeros/16000000", options)
            try await eventually("some of it has come") { FileSize.of("\(folder.path)/part") > 0 }
            await client.kill()
            try await eventually("all connections are gone") { server.connectionCount == 0 }
            try await eventually("the request is counted") { server.requestCount("GET", 200) == 1 }
        }
    }
}

/// How large files are.
enum FileSize {
    /// The size of a file in bytes; 0 for one that is not there.
    static func of(_ path: String) -> Int {
        var facts = stat()
        return stat(path, &facts) == 0 ? Int(facts.st_size) : 0
    }
}
