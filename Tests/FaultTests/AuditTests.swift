import Foundation
import RegistryTesting
import Testing

/// `wharf audit verify` on the data folder of a server that runs, was stopped, or was killed.
@Suite struct AuditTests {
    private static func verify(_ data: String, _ arguments: String...) async throws -> CommandResult {
        try await WharfProcess.command(["audit", "verify", "--data", data] + arguments).run()
    }

    private static func push(_ numbers: Range<Int>, _ server: WharfProcess) async throws {
        let client = ImageClient(server, repository: "team/app")
        for number in numbers {
            #expect(try await client.push(SampleImage(seed: UInt64(number), layerSize: 500), tag: "t\(number)"))
        }
    }

    /// The head that `verify` has printed under a name.
    private static func head(_ name: String, in result: CommandResult) throws -> String {
        let line = try #require(result.standardOutput.split(separator: "\n").first { $0.hasPrefix("\(name): ") })
        return String(line.dropFirst(name.count + 2))
    }

    @Test func `what was pushed is sealed and signed when the server has stopped, and a change of it is found`()
        async throws
    {
        let folder = try TemporaryFolder()
        let server = try await WharfProcess.start(data: folder.path)
        try await Self.push(0..<3, server)
        #expect(try await Self.verify(folder.path).status == 0)
        #expect(await server.stop() == 0)
        let result = try await Self.verify(folder.path)
        #expect(result.status == 0, "\(result)")
        // Of each image a layer, a config, a manifest and a tag.
        #expect(result.standardOutput.contains("12 entries"), "\(result)")
        #expect(result.standardOutput.contains("0 found wrong; 0 entries have no seal yet"))
        let head = try Self.head("head", in: result)
        #expect(try Self.head("signed", in: result) == head)
        #expect(server.log.contains(head), "the log has the head")
        #expect(try await Self.verify(folder.path, "--expect", head).status == 0)

        try await DatabaseFile(folder.path).change("UPDATE audit_entry SET principal = 'user:eve' WHERE id = 2")
        let changed = try await Self.verify(folder.path, "--expect", head)
        #expect(changed.status == 1)
        #expect(changed.standardOutput.contains("changed: entry 2 of seal"), "\(changed)")
        #expect(try await Self.verify(folder.path, "--expect", "1:abc").status == 64)
    }

    @Test func `after a kill the audit is whole, and goes on`() async throws {
        let folder = try TemporaryFolder()
        for round in 0..<3 {
            let server = try await WharfProcess.start(data: folder.path)
            try await Self.push((round * 5)..<(round * 5 + 5), server)
            if round == 1 {
                try await eventually("entries are sealed") {
                    try await Self.verify(folder.path).standardOutput.contains("\n0 entries") == false
                }
            }
            await server.kill()
            let result = try await Self.verify(folder.path)
            #expect(result.status == 0, "round \(round): \(result)")
        }
        let server = try await WharfProcess.start(data: folder.path)
        #expect(await server.stop() == 0)
        let result = try await Self.verify(folder.path)
        #expect(result.status == 0 && result.standardOutput.contains(" 0 entries have no seal yet"), "\(result)")
    }
}
