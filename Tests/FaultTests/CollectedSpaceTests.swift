import Foundation
import RegistryTesting
import Testing

/// What is deleted from a running server frees its space by itself, also when the server is killed again and again.
///
/// The bytes are in files here, which a test can look at.
@Suite struct CollectedSpaceTests {
    private static let times = [
        "--trash-keep", "0s", "--gc-grace", "1s", "--gc-quarantine", "2s", "--gc-interval", "1s",
    ]
    private static let imageCount = 40

    /// What of an answer is looked at.
    private struct Fate: Decodable {
        struct Holding: Decodable {
            var repository: String
            var manifests: [String]
        }

        var kind: String
        var state: String
        var holdings: [Holding]
    }

    private let folder: TemporaryFolder
    private var data: String { "\(folder.path)/data" }

    init() throws {
        folder = try TemporaryFolder()
    }

    private func wharf(_ words: String...) async throws -> CommandResult {
        try await WharfProcess.command(words + ["--data", data]).run()
    }

    private func fate(_ digest: String) async throws -> Fate {
        let result = try await wharf("gc", "explain", digest, "-o", "json")
        try #require(result.status == 0, "\(result)")
        return try JSONDecoder().decode(Fate.self, from: Data(result.standardOutput.utf8))
    }

    /// The hexadecimal digits of the digests of the blobs that lie on the disk.
    private func filesOnDisk() -> Set<String> {
        let files = FileManager.default.enumerator(atPath: "\(data)/blobs/sha256")?.compactMap { $0 as? String } ?? []
        // Of a digest the first two digits are its folder.
        return Set(
            files.filter { $0.contains(".") }.map { $0.replacing("/", with: "").prefix { $0 != "." } }.map(String.init)
        )
    }

    private func isOnDisk(_ blob: SampleBlob) -> Bool {
        filesOnDisk().contains(String(blob.digest.dropFirst("sha256:".count)))
    }

    @Test func `what is deleted goes by itself, and is explained until then`() async throws {
        try await TestBlobs.$current.withValue(.files) { try await demandDeletionFrees() }
    }

    private func demandDeletionFrees() async throws {
        let server = try await WharfProcess.serve(data, Self.times)
        let client = try ServerClient(server)
        let (gone, kept) = (SampleImage(seed: 1), SampleImage(seed: 2))
        try await client.push(gone, to: "team/app", as: "gone")
        try await client.push(kept, to: "team/app", as: "kept")
        let needed = try await fate(gone.layer.digest)
        #expect((needed.kind, needed.state) == ("blob", "kept"))
        #expect(needed.holdings.map(\.repository) == ["team/app"])
        #expect(needed.holdings.flatMap(\.manifests) == [gone.manifest.digest])
        let shown = try await wharf("gc", "explain", gone.layer.digest).standardOutput
        #expect(
            shown.contains("kept: team/app needs it for the manifest \(gone.manifest.digest), which has the tag gone")
        )
        #expect(try await fate(gone.manifest.digest).kind == "manifest")

        try await client.send("DELETE", "/v2/team/app/manifests/\(gone.manifest.digest)", expecting: 202)
        #expect(try await fate(gone.layer.digest).state == "waiting")
        try await eventually("the layer goes", within: .seconds(60)) { !isOnDisk(gone.layer) }
        let answer = try await wharf("gc", "explain", gone.layer.digest)
        #expect(answer.status == 3 && answer.standardError.contains("There is no blob or manifest"), "\(answer)")
        #expect(try await fate(kept.layer.digest).state == "kept" && isOnDisk(kept.layer))
        try await client.demand(kept, in: "team/app", as: "kept")
        #expect(await server.stop() == 0)
    }

    @Test func `a server that is killed while it collects loses nothing and leaves nothing`() async throws {
        try await TestBlobs.$current.withValue(.files) { try await demandKilledCollects() }
    }

    private func demandKilledCollects() async throws {
        var random = SeededGenerator(seed: TestSeed.run)
        let images = (0..<Self.imageCount).map { SampleImage(seed: 100 + UInt64($0)) }
        var server = try await WharfProcess.serve(data, Self.times)
        var client = try ServerClient(server)
        for (number, image) in images.enumerated() { try await client.push(image, to: "team/app", as: "v\(number)") }
        let (gone, kept) = (images.prefix(Self.imageCount / 2), images.suffix(Self.imageCount / 2))
        for image in gone {
            try await client.send("DELETE", "/v2/team/app/manifests/\(image.manifest.digest)", expecting: 202)
        }
        for _ in 0..<4 {
            try await Task.sleep(for: .milliseconds(Int.random(in: 200...1500, using: &random)))
            await server.kill()
            server = try await WharfProcess.serve(data, Self.times)
            client = try ServerClient(server)
        }
        let needed = Set(kept.flatMap(\.blobs).map { String($0.digest.dropFirst("sha256:".count)) })
        try await eventually("all that nothing needs goes, TEST_SEED=\(TestSeed.run)", within: .seconds(90)) {
            filesOnDisk() == needed
        }
        for (number, image) in images.enumerated().suffix(kept.count) {
            try await client.demand(image, in: "team/app", as: "v\(number)")
        }
        #expect(await server.stop() == 0)
        let verified = try await wharf("storage", "verify")
        #expect(verified.status == 0 && !verified.standardOutput.contains("garbage:"), "\(verified)")
    }
}
