import Foundation
import RegistryTesting
import Testing

/// `wharf storage verify` finds what is wrong, names it, and exits with 1; on a sound folder it exits with 0.
@Suite struct StorageVerifyTests {
    private static let image = SampleImage(seed: 7, layerSize: 5000)

    /// Runs `body` with the data folder of a registry that holds one image and is stopped.
    private static func withStoredImage(_ body: (String) async throws -> Void) async throws {
        let data = try TemporaryFolder()
        let server = try await WharfProcess.start(data: data.path)
        let client = ImageClient(server, repository: "team/app")
        #expect(try await client.push(image, tag: "1"))
        #expect(await server.stop() == 0)
        try await body(data.path)
        withExtendedLifetime(data) {}
    }

    /// The file of the image's layer.
    private static func layerFile(in data: String) throws -> String {
        let encoded = image.layer.digest.split(separator: ":")[1]
        let folder = "\(data)/blobs/sha256/\(encoded.prefix(2))"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        let name = try #require(names.first { $0.hasPrefix(encoded.dropFirst(2)) })
        return "\(folder)/\(name)"
    }

    /// Verifies and expects damage that names the layer and its repository.
    private static func expectDamage(in data: String, _ word: String) async throws {
        let result = try await WharfProcess.verify(data)
        #expect(result.status == 1)
        let lines = result.standardOutput.split(separator: "\n").filter { $0.hasPrefix("damage:") }
        #expect(
            lines.contains { $0.contains(image.layer.digest) && $0.contains("team/app") && $0.contains(word) },
            "\(result.standardOutput)"
        )
    }

    @Test func `a sound folder is said to be sound`() async throws {
        try await Self.withStoredImage { data in
            let result = try await WharfProcess.verify(data)
            #expect(result.status == 0)
            #expect(result.standardOutput.contains("2 blobs"))
            #expect(result.standardOutput.contains("0 damaged, 0 left over"))
        }
    }

    @Test func `a flipped byte is found`() async throws {
        try await Self.withStoredImage { data in
            let file = try FileHandle(forUpdating: URL(fileURLWithPath: try Self.layerFile(in: data)))
            try file.seek(toOffset: 1234)
            try file.write(contentsOf: [Self.image.layer.bytes[1234] ^ 1])
            try file.close()
            try await Self.expectDamage(in: data, "its bytes have the digest")
        }
    }

    @Test func `a truncated blob is found`() async throws {
        try await Self.withStoredImage { data in
            let file = try FileHandle(forUpdating: URL(fileURLWithPath: try Self.layerFile(in: data)))
            try file.truncate(atOffset: 100)
            try file.close()
            try await Self.expectDamage(in: data, "100 bytes in place of 5000")
        }
    }

    @Test func `a missing blob is found, on a running server as well`() async throws {
        try await Self.withStoredImage { data in
            try FileManager.default.removeItem(atPath: try Self.layerFile(in: data))
            try await Self.expectDamage(in: data, "missing")
            let server = try await WharfProcess.start(data: data)
            try await Self.expectDamage(in: data, "missing")
            #expect(await server.stop() == 0)
        }
    }

    @Test(arguments: [true, false])
    func `a blob whose bytes are others or missing is mended by a delete and a push`(isMissing: Bool) async throws {
        try await Self.withStoredImage { data in
            let file = try Self.layerFile(in: data)
            try FileManager.default.removeItem(atPath: file)
            if !isMissing { try Data(repeating: 1, count: Self.image.layer.bytes.count).write(to: URL(filePath: file)) }
            let server = try await WharfProcess.start(data: data, arguments: ["--trash-keep", "0s"])
            let (client, images) = (try ServerClient(server), ImageClient(server, repository: "team/app"))
            let blob = "/v2/team/app/blobs/\(Self.image.layer.digest)"
            if !isMissing { #expect(try await client.send("GET", blob, expecting: 200).body.allSatisfy { $0 == 1 }) }
            try await client.send("DELETE", "/v2/team/app/manifests/\(Self.image.manifest.digest)", expecting: 202)
            try await client.send("DELETE", blob, expecting: 202)
            #expect(try await images.push(Self.image, tag: "1"))
            #expect(try await images.problem(with: Self.image, tag: "1") == nil)
            let result = try await WharfProcess.verify(data)
            #expect(result.standardOutput.contains("0 damaged, 0 left over"), "\(result.standardOutput)")
            #expect(await server.stop() == 0)
        }
    }

    @Test func `a manifest that was changed in the database is found`() async throws {
        try await Self.withStoredImage { data in
            let change: StaticString = "UPDATE manifest_content SET bytes = CAST(bytes || ' ' AS BLOB)"
            try await DatabaseFile(data).change(change)
            let result = try await WharfProcess.verify(data)
            #expect(result.status == 1)
            let names = "manifest \(Self.image.manifest.digest) (in team/app)"
            #expect(result.standardOutput.contains("damage: \(names)"), "\(result.standardOutput)")
        }
    }

    @Test func `bytes that no fact names are left over, and no damage`() async throws {
        try await Self.withStoredImage { data in
            let file = try Self.layerFile(in: data)
            let twin = String(file.dropLast(32)) + String(repeating: "0", count: 32)
            try FileManager.default.copyItem(atPath: file, toPath: twin)
            let result = try await WharfProcess.verify(data)
            #expect(result.status == 0)
            #expect(result.standardOutput.contains("garbage: \(Self.image.layer.digest)"))
            #expect(result.standardOutput.contains("1 left over"))
        }
    }
}
