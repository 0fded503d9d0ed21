import Foundation
import RegistryTesting
import Testing

/// A folder that has lost its database is not taken for a new one.
@Suite struct LostDatabaseTests {
    private static let commands = [["serve", "--listen", "127.0.0.1:0"], ["storage", "verify"]]

    /// A folder that was served and is not any more; with or without a blob.
    private static func served(withBlob: Bool) async throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        let server = try await WharfProcess.serve(folder.path)
        if withBlob { try await ServerClient(server).push(SampleBlob(count: 1000, seed: 1), to: "app") }
        #expect(await server.stop() == 0)
        return folder
    }

    @Test(arguments: [true, false])
    func `blobs without a database are refused, with what to do`(isEmptied: Bool) async throws {
        let folder = try await Self.served(withBlob: true)
        let database = "\(folder.path)/wharf.sqlite"
        try FileManager.default.moveItem(atPath: database, toPath: "\(folder.path)/backup")
        if isEmptied { try Data().write(to: URL(filePath: database)) }
        for arguments in Self.commands {
            var command = WharfProcess.command(arguments + ["--data", folder.path])
            command.timeout = .seconds(20)
            let refused = try await command.run()
            #expect(refused.status == 1)
            for words in ["\(database) is missing or empty", "Restore it from the backup", "move", "blobs away"] {
                #expect(refused.standardError.contains(words), "\(arguments): \(refused)")
            }
        }
        #expect(FileManager.default.fileExists(atPath: database) == isEmptied)
        // Both ways out work.
        try? FileManager.default.removeItem(atPath: database)
        try FileManager.default.copyItem(atPath: "\(folder.path)/backup", toPath: database)
        #expect(try await WharfProcess.verify(folder.path).status == 0)
        try FileManager.default.removeItem(atPath: database)
        try FileManager.default.moveItem(atPath: "\(folder.path)/blobs", toPath: "\(folder.path)/away")
        let server = try await WharfProcess.serve(folder.path)
        #expect(await server.stop() == 0)
    }

    @Test func `a folder without blobs starts without a database`() async throws {
        let folder = try await Self.served(withBlob: false)
        try FileManager.default.removeItem(atPath: "\(folder.path)/wharf.sqlite")
        let server = try await WharfProcess.serve(folder.path)
        #expect(await server.stop() == 0)
    }
}
