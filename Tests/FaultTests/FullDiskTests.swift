import Foundation
import RegistryTesting
import Testing

/// A server on a small disk of its own.
///
/// Needs the right to mount, and fails with the reason where that is missing.
@Suite("A disk that is full", .serialized)
struct FullDiskTests {
    private static let mebibyte = 1 << 20
    private static let image = SampleImage(seed: 1, layerSize: 300_000)

    @Test("Full to the last byte: 507, what was there stays good, and it works again when there is room")
    func withoutReserve() async throws {
        let disk = try MountedFolder(byteCount: 16 * Self.mebibyte)
        let data = "\(disk.path)/data"
        let server = try await WharfProcess.serve(data, environment: ["WHARF_STORAGE_RESERVE": "0MiB"])
        let client = try ServerClient(server)
        try await client.push(Self.image, to: "app", as: "1")
        let location = try await client.start(in: "app")
        // More than there is, in one go and in chunks.
        let large = SampleBlob(count: 20 * Self.mebibyte, seed: 2)
        await Self.expectFull { try await client.push(large, to: "app") }
        await Self.expectFull { try await client.patch(location, large.bytes, at: 0) }
        // Nothing of them is left: what is small still has room.
        try await client.push(SampleBlob(count: 8 * Self.mebibyte, seed: 6), to: "app")
        let ballast = try Ballast(filling: disk.path)
        let small = SampleImage(seed: 3, layerSize: 300_000)
        await Self.expectFull { try await client.push(small, to: "app", as: "2") }
        await Self.expectFull { try await client.push(Self.image.manifest, to: "other", as: "1") }
        try await client.demand(Self.image, in: "app", as: "1")
        try await client.send("GET", "/v2/app/manifests/2", expecting: 404)
        let result = try await WharfProcess.verify(data)
        #expect(result.status == 0, "\(result)")
        try ballast.remove()
        try await client.send("GET", location, expecting: 404)
        try await client.push(small, to: "app", as: "2")
        for (image, tag) in [(Self.image, "1"), (small, "2")] { try await client.demand(image, in: "app", as: tag) }
        #expect(await server.stop() == 0, "\(server.log)")
        #expect(try await WharfProcess.verify(data).status == 0)
    }

    @Test("Killed on a full disk: it starts again when there is room, with all that was acknowledged")
    func killedWhenFull() async throws {
        let disk = try MountedFolder(byteCount: 16 * Self.mebibyte)
        let data = "\(disk.path)/data"
        let server = try await WharfProcess.serve(data, environment: ["WHARF_STORAGE_RESERVE": "0MiB"])
        let client = try ServerClient(server)
        try await client.push(Self.image, to: "app", as: "1")
        let ballast = try Ballast(filling: disk.path)
        await Self.expectFull { try await client.push(SampleBlob(count: 100_000, seed: 4), to: "app") }
        await server.kill()
        try ballast.remove()
        let next = try await WharfProcess.serve(data, environment: ["WHARF_STORAGE_RESERVE": "0MiB"])
        try await ServerClient(next).demand(Self.image, in: "app", as: "1")
        #expect(await next.stop() == 0)
        #expect(try await WharfProcess.verify(data).status == 0)
    }

    @Test("With a reserve it refuses before the disk is full: pulls, tags and deletions go on")
    func withReserve() async throws {
        let disk = try MountedFolder(byteCount: 24 * Self.mebibyte)
        let data = "\(disk.path)/data"
        let server = try await WharfProcess.serve(data, environment: ["WHARF_STORAGE_RESERVE": "16MiB"])
        let client = try ServerClient(server)
        try await client.push(Self.image, to: "app", as: "1")
        for seed in UInt64(10)..<40 {
            do {
                try await client.push(SampleBlob(count: Self.mebibyte, seed: seed), to: "app")
            } catch let refused as ServerClient.Refused {
                #expect(refused.answer.status == 507, "\(refused)")
                break
            }
        }
        await Self.expectFull { try await client.push(SampleBlob(count: 3 * Self.mebibyte, seed: 5), to: "app") }
        let free = try #require(
            try FileManager.default.attributesOfFileSystem(forPath: disk.path)[.systemFreeSize] as? Int
        )
        #expect((16 * Self.mebibyte...20 * Self.mebibyte).contains(free), "\(free) bytes are free")
        try await client.demand(Self.image, in: "app", as: "1")
        try await client.push(Self.image.manifest, to: "app", as: "2")
        try await client.send("DELETE", "/v2/app/manifests/1", expecting: 202)
        try await client.demand(Self.image, in: "app", as: "2")
        #expect(await server.stop() == 0)
        #expect(try await WharfProcess.verify(data).status == 0)
    }

    @Test("A folder that cannot be written is refused, with the reason")
    func readOnly() async throws {
        let disk = try MountedFolder(byteCount: 16 * Self.mebibyte)
        let data = "\(disk.path)/data"
        let server = try await WharfProcess.serve(data, environment: ["WHARF_STORAGE_RESERVE": "0MiB"])
        try await ServerClient(server).push(Self.image, to: "app", as: "1")
        #expect(await server.stop() == 0)
        try disk.makeReadOnly()
        let refused = try await WharfProcess.command(["serve", "--data", data, "--listen", "127.0.0.1:0"]).run()
        #expect(refused.status == 1)
        #expect(refused.standardError.contains("cannot be written: Read-only file system"), "\(refused)")
    }

    /// Expects that there is no room for something, and that the answer says so in the specification's form.
    private static func expectFull(_ body: () async throws -> Void) async {
        let error = await #expect(throws: ServerClient.Refused.self) { try await body() }
        #expect(error?.answer.status == 507, "\(error.map(String.init(describing:)) ?? "")")
        #expect(error?.answer.text.contains(#""code":"#) == true)
        #expect(error?.answer[header: "Retry-After"] != nil)
    }
}

/// A file that takes all the room that a disk has left.
private struct Ballast {
    private let path: String

    init(filling disk: String) throws {
        path = "\(disk)/ballast"
        #expect(FileManager.default.createFile(atPath: path, contents: nil))
        let file = try FileHandle(forWritingTo: URL(filePath: path))
        for size in [1 << 20, 1 << 12] {
            let piece = Data(repeating: 0x2e, count: size)
            while (try? file.write(contentsOf: piece)) != nil {}
        }
        try file.close()
    }

    func remove() throws {
        try FileManager.default.removeItem(atPath: path)
    }
}
