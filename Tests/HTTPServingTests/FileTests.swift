import Foundation
import RegistryTesting
import Testing

@testable import HTTPServing

/// Answers that are parts of files.
@Suite struct FileTests {
    /// A file of seeded bytes, twice as large as any window of a sender and a bit more.
    private struct Sample {
        let folder: TemporaryFolder
        let path: String
        let bytes: [UInt8]

        init(count: Int = 2_500_003) throws {
            folder = try TemporaryFolder()
            path = "\(folder.path)/file"
            var generator = SeededGenerator(seed: 5)
            bytes = generator.bytes(count)
            try Data(bytes).write(to: URL(filePath: path))
        }
    }

    @Test(arguments: Transport.allCases)
    func `every part of a file has its bytes`(transport: Transport) async throws {
        let sample = try Sample()
        let last = sample.bytes.count - 1
        let parts = [
            0...0, 0...last, 1...last, last...last, 4095...4096, 262_143...262_144, 1_048_575...1_048_577,
            100...2_200_000,
        ]
        try await transport.run(respond: Answers.file(sample.path)) { server in
            for part in parts {
                let result = try await transport.curl(
                    server,
                    "/\(part.lowerBound)-\(part.upperBound)",
                    ["--output", "\(sample.folder.path)/part"]
                )
                #expect(result.status == 0, "\(result.standardError)")
                let got = try Data(contentsOf: URL(filePath: "\(sample.folder.path)/part"))
                #expect(got == Data(sample.bytes[part]), "\(part)")
            }
            let sum = parts.reduce(0) { $0 + $1.count }
            try await eventually("all is counted") { server.sample("wharf_http_sent_bytes_total") == sum }
        }
    }

    @Test(arguments: Transport.allCases)
    func `a large file with holes comes whole`(transport: Transport) async throws {
        let sample = try Sample(count: 1000)
        let handle = try #require(FileHandle(forUpdatingAtPath: sample.path))
        try handle.truncate(atOffset: 100 << 20)
        try handle.seek(toOffset: 77 << 20)
        try handle.write(contentsOf: Data(sample.bytes))
        try handle.close()
        let copy = "\(sample.folder.path)/copy"
        try await transport.run(respond: Answers.file(sample.path)) { server in
            let result = try await transport.curl(server, "/", ["--output", copy])
            #expect(result.status == 0, "\(result.standardError)")
            let difference = try await Command("/usr/bin/cmp", [sample.path, copy]).run()
            #expect(difference.status == 0, "\(difference.standardOutput)")
        }
    }

    @Test(arguments: Transport.allCases)
    func `a file that is not in memory comes from the disk`(transport: Transport) async throws {
        let sample = try Sample()
        let file = try #require(OpenFile(sample.path))
        fsync(file.descriptor)
        // The kernel keeps pages a moment longer that another processor has just been given.
        try await eventually("the file is no longer in memory") {
            #expect(posix_fadvise(file.descriptor, 0, 0, Int32(POSIX_FADV_DONTNEED)) == 0)
            return !PageCache.holds(file.descriptor, offset: 0, byteCount: sample.bytes.count)
        }
        let copy = "\(sample.folder.path)/copy"
        try await transport.run(respond: Answers.file(sample.path)) { server in
            let result = try await transport.curl(server, "/", ["--output", copy])
            #expect(result.status == 0, "\(result.standardError)")
            #expect(try Data(contentsOf: URL(filePath: copy)) == Data(sample.bytes))
        }
    }

    /// Each is gone while another thread waits for the disk on its behalf.
    @Test func `clients that are gone before their file is in memory leave nothing`() async throws {
        let sample = try Sample()
        let file = try #require(OpenFile(sample.path))
        try await TestServer.run(respond: Answers.file(sample.path)) { server in
            for round in 0..<30 {
                fsync(file.descriptor)
                posix_fadvise(file.descriptor, 0, 0, Int32(POSIX_FADV_DONTNEED))
                try await server.withConnection { connection in
                    try connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                    if round % 2 == 0 { connection.reset() }
                }
            }
            try await eventually("all connections are gone") { server.connectionCount == 0 }
            let whole = try await server.client.send(TestRequest("GET", "/"))
            #expect(whole.body == sample.bytes)
        }
    }

    @Test(arguments: Transport.allCases)
    func `many clients get a file at once`(transport: Transport) async throws {
        let sample = try Sample()
        try await transport.run(respond: Answers.file(sample.path)) { server in
            var options = transport.curlOptions + ["--parallel", "--parallel-max", "30"]
            for number in 0..<30 {
                options += ["--output", "\(sample.folder.path)/\(number)", transport.address(server, "/")]
            }
            let result = try await Curl.run(options)
            #expect(result.status == 0, "\(result.standardError)")
            for number in 0..<30 {
                let got = try Data(contentsOf: URL(filePath: "\(sample.folder.path)/\(number)"))
                #expect(got == Data(sample.bytes), "copy \(number)")
            }
        }
    }

    @Test(arguments: Transport.allCases)
    func `a file that becomes shorter while it is sent ends its connection`(transport: Transport) async throws {
        let sample = try Sample(count: 1000)
        truncate(sample.path, 60 << 20)
        try await transport.run(
            limits: ServerLimits(stallTimeout: .seconds(2)),
            respond: Answers.file(sample.path)
        ) { server in
            async let running = transport.curl(
                server,
                "/",
                [
                    "--limit-rate", "4M", "--no-buffer", "--output", "\(sample.folder.path)/copy", "--write-out",
                    "%{size_download}",
                ]
            )
            try await eventually("some of it has come") { FileSize.of("\(sample.folder.path)/copy") > 0 }
            truncate(sample.path, 5000)
            let result = try await running
            #expect(result.status != 0)
            #expect(Int(result.standardOutput) ?? .max < 60 << 20)
            try await eventually("the connection is gone") { server.connectionCount == 0 }
            let again = try await transport.curl(server, "/0-4999", ["--output", "/dev/null"])
            #expect(again.status == 0)
        }
    }

    /// The window that is being sent when the file becomes shorter is tried for ever by a socket.
    @Test func `a window that loses its bytes while a socket waits for its client ends in time`() async throws {
        let sample = try Sample(count: 1000)
        truncate(sample.path, 60 << 20)
        try await TestServer.run(
            limits: ServerLimits(stallTimeout: .seconds(1)),
            respond: Answers.file(sample.path)
        ) { server in
            let count = try await server.withConnection { connection in
                connection.shrinkReceiveBuffer()
                try connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                let head = try connection.receiveHead()
                #expect(head[header: "Content-Length"] == "\(60 << 20)")
                truncate(sample.path, 100_000)
                return try connection.receiveToEnd().count
            }
            #expect(count < 60 << 20)
        }
    }

    @Test(arguments: Transport.allCases)
    func `no descriptor is kept, whatever becomes of the connection`(transport: Transport) async throws {
        let sample = try Sample(count: 1000)
        truncate(sample.path, 60 << 20)
        try await transport.run(respond: Answers.file(sample.path)) { server in
            for _ in 0..<5 { _ = try await transport.curl(server, "/0-3000000", ["--output", "/dev/null"]) }
            _ = try await transport.curl(server, "/", ["--head"])
            for round in 0..<3 {
                let part = "\(sample.folder.path)/part\(round)"
                let options = ["--limit-rate", "500K", "--no-buffer", "--output", part]
                let client = try transport.startCurl(server, "/", options)
                try await eventually("some of it has come") { FileSize.of(part) > 0 }
                await client.kill()
            }
            try await eventually("nobody has the file open any more") { try Self.openCount(of: sample.path) == 0 }
        }
    }

    private static func openCount(of path: String) throws -> Int {
        let links = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
        return links.count {
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")) == path
        }
    }
}
