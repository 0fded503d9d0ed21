import Foundation
import Hosting
import OCI
import RegistryContract
import RegistryTesting
import Testing

/// A blob whose file is missing or of another size is not served, and the next push of it mends it for everybody.
@Suite struct DamagedBlobTests {
    /// What becomes of a file.
    enum Damage: String, CaseIterable, Sendable {
        case shorter, longer, missing

        func happen(to path: String) throws {
            guard self != .missing else { return try FileManager.default.removeItem(atPath: path) }
            let file = try FileHandle(forUpdating: URL(filePath: path))
            try file.truncate(atOffset: self == .shorter ? 100 : 300_000)
            try file.close()
        }

        var words: String {
            switch self {
            case .shorter: "it has 100 bytes in place of 200000"
            case .longer: "it has 300000 bytes in place of 200000"
            case .missing: "its bytes are missing"
            }
        }
    }

    /// Too large to be kept in memory, so that a second request comes to the file.
    private static let blob = SampleBlob(count: 200_000, seed: 11)

    @Test(arguments: Damage.allCases, [true, false])
    func `it fails with 500 and a line that says what to do, and a push mends it`(
        damage: Damage,
        isAtOnce: Bool
    ) async throws {
        let folder = try TemporaryFolder()
        let server = try await WharfProcess.serve(folder.path)
        let client = try ServerClient(server)
        let paths = ["app", "other"].map { "/v2/\($0)/blobs/\(Self.blob.digest)" }
        for repository in ["app", "other"] { try await client.push(Self.blob, to: repository) }
        // From now on the server has the file open and knows the links.
        for path in paths { try await client.demand(path, is: Self.blob.digest) }
        let file = try Self.file(in: folder.path)
        try damage.happen(to: file)
        for path in paths {
            try await client.send("GET", path, expecting: 500)
            try await client.send("GET", path, headers: [("Range", "bytes=10-20")], expecting: 500)
        }
        let key = try #require(file.split(separator: ".").last)
        let line = try #require(server.log.split(separator: "\n").first { $0.contains("is damaged") })
        let words = [#""level":"error""#, Self.blob.digest, "key \(key)", damage.words, "wharf storage verify", "push"]
        for word in words { #expect(line.contains(word), "\(line)") }

        if isAtOnce {
            try await client.push(Self.blob, to: "app")
        } else {
            let location = try await client.start(in: "app")
            try await client.patch(location, Array(Self.blob.bytes[..<50_000]), at: 0)
            try await client.finish(location, Self.blob.digest, Array(Self.blob.bytes[50_000...]))
        }
        for path in paths { try await client.demand(path, is: Self.blob.digest) }
        #expect(try Self.file(in: folder.path) != file)
        let result = try await WharfProcess.verify(folder.path)
        #expect(result.standardOutput.contains("0 damaged, 0 left over"), "\(result.standardOutput)")
        #expect(await server.stop() == 0)
    }

    @Test func `a sound blob that is pushed again stays where it is, and what was brought is dropped`() async throws {
        let folder = try TemporaryFolder()
        let server = try await WharfProcess.serve(folder.path)
        let client = try ServerClient(server)
        try await client.push(Self.blob, to: "app")
        let file = try Self.file(in: folder.path)
        try await client.push(Self.blob, to: "other")
        #expect(try Self.file(in: folder.path) == file)
        #expect(await server.stop() == 0)
    }

    @Test func `who knows where a blob lay before a push mended it finds it where it lies now`() async throws {
        let stores = try await TestStores.open(in: TemporaryFolder())
        let app = try RepositoryName("app")
        let (reader, writer) = (stores.registry(), stores.registry())
        try await writer.push(Self.blob, to: app)
        #expect(try await reader.blob(Self.blob.name, in: app).byteCount == 200_000)
        try FileManager.default.removeItem(atPath: try Self.file(in: stores.folder.path))
        try await writer.push(Self.blob, to: app)
        #expect(try await reader.blob(Self.blob.name, in: app).byteCount == 200_000)
        try await stores.close()
    }

    /// The only file of the blob.
    private static func file(in data: String) throws -> String {
        let encoded = blob.digest.split(separator: ":")[1]
        let folder = "\(data)/blobs/sha256/\(encoded.prefix(2))"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        try #require(names.count == 1)
        return "\(folder)/\(names[0])"
    }
}
