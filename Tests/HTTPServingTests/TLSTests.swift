import Foundation
import HTTPServing
import RegistryTesting
import Testing

/// Certificates, and which versions of TLS are spoken.
@Suite struct TLSTests {
    @Test func `a changed certificate is taken up, and a broken one is not`() async throws {
        let certificate = try await TestCertificate()
        let file = certificate.certificateFile
        let copies = try TemporaryFolder()
        let (first, second) = ("\(copies.path)/first", "\(copies.path)/second")
        try FileManager.default.copyItem(atPath: file, toPath: first)
        try await TestServer.run(tls: try certificate.material()) { server in
            func isTrusted(_ authority: String) async throws -> Bool {
                let options = ["--cacert", authority, "--output", "/dev/null"]
                return try await Curl.run(options + [Transport.encrypted.address(server, "/hello")]).status == 0
            }
            #expect(try await isTrusted(first))

            try await certificate.replace()
            try FileManager.default.copyItem(atPath: file, toPath: second)
            try await eventually("the new certificate is in use") { try await isTrusted(second) }
            #expect(try await !isTrusted(first))

            for broken in ["", "no certificate at all\n", try String(contentsOfFile: first, encoding: .utf8)] {
                try Data(broken.utf8).write(to: URL(filePath: file))
                // Longer than the second in which the files are looked at once.
                let later = ContinuousClock.now + .milliseconds(1200)
                while ContinuousClock.now < later {
                    let isTrusted = try await isTrusted(second)
                    #expect(isTrusted)
                }
            }
            try FileManager.default.removeItem(atPath: file)
            #expect(try await isTrusted(second))
            try await certificate.replace()
            try await eventually("the third certificate is in use") { try await isTrusted(file) }
        }
    }

    @Test(arguments: [true, false])
    func `a pair of which one file is new is not used until the other has come`(isKeyFirst: Bool) async throws {
        let (own, next) = (try await TestCertificate(), try await TestCertificate())
        let copies = try TemporaryFolder()
        let old = "\(copies.path)/old"
        try FileManager.default.copyItem(atPath: own.certificateFile, toPath: old)
        let pairs = [(next.certificateFile, own.certificateFile), (next.keyFile, own.keyFile)]
        try await TestServer.run(tls: try own.material()) { server in
            func isTrusted(_ authority: String) async throws -> Bool {
                let options = ["--cacert", authority, "--output", "/dev/null"]
                return try await Curl.run(options + [Transport.encrypted.address(server, "/hello")]).status == 0
            }
            for (index, (from, to)) in (isKeyFirst ? pairs.reversed() : pairs).enumerated() {
                try FileManager.default.copyItem(atPath: from, toPath: "\(copies.path)/\(index)")
                #expect(rename("\(copies.path)/\(index)", to) == 0)
                guard index == 0 else { break }
                // Longer than the second in which the files are looked at once.
                let later = ContinuousClock.now + .milliseconds(2200)
                while ContinuousClock.now < later {
                    let isTrusted = try await isTrusted(old)
                    #expect(isTrusted)
                }
            }
            try await eventually("the new pair is in use", within: .seconds(5)) {
                try await isTrusted(next.certificateFile)
            }
        }
    }

    @Test func `a key that is mended without a trace in its times is taken up`() async throws {
        let (own, next) = (try await TestCertificate(), try await TestCertificate())
        let key = try Data(contentsOf: URL(filePath: next.keyFile))
        try await TestServer.run(tls: try own.material()) { server in
            func isTrusted(_ authority: String) async throws -> Bool {
                let options = ["--cacert", authority, "--output", "/dev/null"]
                return try await Curl.run(options + [Transport.encrypted.address(server, "/hello")]).status == 0
            }
            /// Writes as a copy that keeps times does: the same file, size and time, whatever is in it.
            func write(_ bytes: Data) throws {
                let file = try FileHandle(forWritingTo: URL(filePath: own.keyFile))
                try file.truncate(atOffset: 0)
                try file.write(contentsOf: bytes)
                try file.close()
                let moment = Date(timeIntervalSince1970: 1_700_000_000)
                try FileManager.default.setAttributes([.modificationDate: moment], ofItemAtPath: own.keyFile)
            }
            let old = try Data(contentsOf: URL(filePath: own.certificateFile))
            let trusted = try TemporaryFolder()
            try old.write(to: URL(filePath: "\(trusted.path)/old"))
            try write(Data(repeating: UInt8(ascii: "x"), count: key.count))
            try Data(contentsOf: URL(filePath: next.certificateFile)).write(to: URL(filePath: own.certificateFile))
            let later = ContinuousClock.now + .milliseconds(2200)
            while ContinuousClock.now < later {
                let isTrusted = try await isTrusted("\(trusted.path)/old")
                #expect(isTrusted)
            }
            try write(key)
            try await eventually("the new pair is in use", within: .seconds(5)) {
                try await isTrusted(next.certificateFile)
            }
        }
    }

    @Test(arguments: [("-tls1_1", false), ("-tls1", false), ("-tls1_2", true), ("-tls1_3", true)])
    func `only TLS 1.2 and 1.3 are spoken`(version: String, isSpoken: Bool) async throws {
        try await Transport.encrypted.run { server in
            let result = try await Command(
                "/usr/bin/openssl",
                [
                    "s_client", "-connect", "127.0.0.1:\(server.server.port)", version, "-cipher", "ALL:@SECLEVEL=0",
                    "-brief",
                ],
                timeout: .seconds(20)
            ).run()
            #expect(result.standardError.contains("CONNECTION ESTABLISHED") == isSpoken, "\(result)")
            try await eventually("the connection is gone") { server.connectionCount == 0 }
        }
    }

    @Test func `what is no TLS ends the connection`() async throws {
        try await Transport.encrypted.run { server in
            for text in ["GET / HTTP/1.1\r\nHost: x\r\n\r\n", "\0\0\0\0", String(repeating: "\u{16}", count: 100_000)] {
                try await server.withConnection { connection in
                    try? connection.send(text)
                    connection.finishSending()
                    _ = try? connection.receiveToEnd()
                }
            }
            try await eventually("the connections are gone") { server.connectionCount == 0 }
        }
    }

    @Test func `a client that does not finish its handshake is let go`() async throws {
        let certificate = try await TestCertificate()
        let limits = ServerLimits(headerTimeout: .milliseconds(500))
        try await TestServer.run(limits: limits, tls: try certificate.material()) { server in
            for bytes in [[], [0x16, 0x03, 0x01, 0x02, 0x00, 0x01]] as [[UInt8]] {
                let isEnded = try await server.withConnection { connection in
                    try connection.send(bytes)
                    return try connection.isEndedByServer()
                }
                #expect(isEnded)
            }
        }
    }

    @Test func `a client that has not finished its handshake is idle to a server that drains`() async throws {
        let certificate = try await TestCertificate()
        try await TestServer.run(tls: try certificate.material()) { server in
            let isConnected = Gate()
            async let isEnded = server.withConnection { connection in
                isConnected.open()
                return try connection.isEndedByServer()
            }
            await isConnected.wait()
            try await eventually("the server has the connection") { server.connectionCount == 1 }
            #expect(await server.server.drain(within: .seconds(20)) == 0)
            let hasEnded = try await isEnded
            #expect(hasEnded)
        }
    }
}
