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
        try await client.send("GET", "/readyz", expecting: 200)
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
        // The reserve is for what goes on: facts and the audit are written from it.
        #expect((15 * Self.mebibyte...20 * Self.mebibyte).contains(free), "\(free) bytes are free")
        let line = try #require(server.log.split(separator: "\n").first { $0.contains("a request was refused") })
        #expect(line.contains("storage.reserve"), "\(line)")
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
        let verified = try await WharfProcess.verify(data)
        #expect(verified.status == 0, "\(verified)")
        #expect(verified.standardOutput.contains("1 manifests read: 0 damaged, 0 left over"), "\(verified)")
    }

    @Test("A read-only folder whose server was killed cannot be verified, and the reason is said")
    func readOnlyWithLog() async throws {
        let disk = try MountedFolder(byteCount: 16 * Self.mebibyte)
        let data = "\(disk.path)/data"
        let server = try await WharfProcess.serve(data, environment: ["WHARF_STORAGE_RESERVE": "0MiB"])
        try await ServerClient(server).push(Self.image, to: "app", as: "1")
        await server.kill()
        try FileManager.default.removeItem(atPath: "\(data)/wharf.sqlite-shm")
        try disk.makeReadOnly()
        let refused = try await WharfProcess.verify(data)
        #expect(refused.status == 1)
        #expect(refused.standardError.contains("wharf.sqlite-shm. Mount it writable"), "\(refused)")
    }

    @Test("A new registry on a full disk says that the disk is full", arguments: [0, 16_384])
    func new(free: Int) async throws {
        let disk = try MountedFolder(byteCount: Self.mebibyte)
        try Data(count: free).write(to: URL(filePath: "\(disk.path)/spare"))
        _ = try Ballast(filling: disk.path)
        try FileManager.default.removeItem(atPath: "\(disk.path)/spare")
        let refused = try await WharfProcess.command(
            ["serve", "--data", "\(disk.path)/data", "--listen", "127.0.0.1:0"]
        ).run()
        #expect(refused.status == 1)
        #expect(refused.standardError.contains("The disk is full"), "\(refused)")
    }

    @Test("Less free than the reserve at the start is a warning that names the key")
    func startWithoutReserve() async throws {
        let disk = try MountedFolder(byteCount: 16 * Self.mebibyte)
        for (reserve, isWarned) in [("20MiB", true), ("1MiB", false)] {
            let environment = ["WHARF_STORAGE_RESERVE": reserve]
            let server = try await WharfProcess.serve("\(disk.path)/data", environment: environment)
            #expect(await server.stop() == 0)
            let line = server.log.split(separator: "\n").first { $0.contains("less is free than storage.reserve") }
            #expect((line != nil) == isWarned, "\(server.log)")
            if let line { #expect(line.contains(#""level":"warning""#) && line.contains(reserve), "\(line)") }
        }
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
struct Ballast {
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
