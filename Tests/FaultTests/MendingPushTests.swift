import Foundation
import RegistryTesting
import Testing

/// A blob that a scrub has found damaged is mended by pushing its image again, as a person would.
@Suite struct MendingPushTests {
    @Test func `what a scrub has found damaged is mended by pushing the image again`() async throws {
        try await TestBlobs.$current.withValue(.files) { try await demandMended() }
    }

    private func demandMended() async throws {
        let folder = try TemporaryFolder()
        let (data, file) = ("\(folder.path)/data", "\(folder.path)/file")
        let server = try await WharfProcess.serve(data)
        func wharf(_ words: String..., status: Int32 = 0) async throws -> String {
            let result = try await WharfProcess.command(words).run()
            #expect(result.status == status, "\(words): \(result)")
            return result.standardOutput
        }
        let blob = SampleBlob(count: 3000, seed: 5)
        try Data(blob.bytes).write(to: URL(filePath: file))
        let (first, second) = ("\(server.authority)/team/app:1", "\(server.authority)/team/app:2")
        let type = ["--artifact-type", "application/x-test"]
        _ = try await wharf("push", file, first, type[0], type[1])

        let hidden = blob.digest.dropFirst("sha256:".count)
        let shelf = "\(data)/blobs/sha256/\(hidden.prefix(2))"
        let name = try #require(
            try FileManager.default.contentsOfDirectory(atPath: shelf).first { $0.hasPrefix(hidden.dropFirst(2)) }
        )
        var bytes = blob.bytes
        bytes[1500] ^= 1
        try Data(bytes).write(to: URL(filePath: "\(shelf)/\(name)"))
        let scrub = try await wharf("job", "run", "storage.scrub", "--argument", "all=true", "--wait", "--data", data)
        #expect(scrub.contains("1 damaged"))
        #expect(try await wharf("storage", "damaged", "--data", data).contains("team/app:1"))
        _ = try await wharf("pull", first, "--into", "\(folder.path)/none", status: 3)

        // The same manifest by another tag: the server has it, and says so.
        _ = try await wharf("push", file, second, type[0], type[1])
        for (number, image) in [first, second].enumerated() {
            _ = try await wharf("pull", image, "--into", "\(folder.path)/out\(number)")
            let pulled = try Data(contentsOf: URL(filePath: "\(folder.path)/out\(number)/file"))
            #expect(Array(pulled) == blob.bytes)
        }
        #expect(try await !wharf("storage", "damaged", "--data", data, "-o", "json").contains(blob.digest))
        #expect(await server.stop() == 0)
    }
}
