import Foundation
import Metadata
import OCI
import RegistryContract
import RegistryTesting
import Testing

/// An upload that is interrupted goes on from its committed offset.
@Suite("An upload is resumed after the server was killed")
struct ResumeTests {
    private static let mebibyte = 1 << 20

    @Test("64 MiB, killed in the middle: GET says where it stands, and the digest fits in the end")
    func realServer() async throws {
        let folder = try TemporaryFolder()
        let blob = SampleBlob(count: 64 * Self.mebibyte, seed: 1)
        let server = try await WharfProcess.serve(folder.path)
        let client = try ServerClient(server)
        let location = try await client.start(in: "app")
        // 40 MiB of the 64 that it announces, and then nothing more.
        try await client.http.withConnection { connection in
            let head = TestRequest("PATCH", location, headers: [("Content-Length", "\(blob.bytes.count)")])
            try connection.sendHead(of: head)
            try connection.send(Array(blob.bytes[..<(40 * Self.mebibyte)]))
            let deadline = ContinuousClock.now + .seconds(30)
            while uploadedByteCount(in: folder.path) < 39 * Self.mebibyte, ContinuousClock.now < deadline {
                usleep(2000)
            }
        }
        await server.kill()
        let next = try await WharfProcess.serve(folder.path)
        let again = try ServerClient(next)
        let offset = try await again.offset(of: location)
        // A checkpoint comes with the first bytes after each 16 MiB.
        #expect((32 * Self.mebibyte...40 * Self.mebibyte).contains(offset), "it stands at \(offset)")
        let half = (offset + blob.bytes.count) / 2
        let answer = try await again.patch(location, Array(blob.bytes[offset..<half]), at: offset)
        #expect(try ServerClient.offset(answer) == half)
        try await again.finish(location, blob.digest, Array(blob.bytes[half...]))
        try await again.demand("/v2/app/blobs/\(blob.digest)", is: blob.digest)
        #expect(await next.stop() == 0)
        let result = try await WharfProcess.verify(folder.path)
        #expect(result.status == 0, "\(result)")
        #expect(result.standardOutput.hasSuffix("0 damaged, 0 left over\n"), "\(result)")
    }

    @Test("No byte below the committed offset is hashed again by the next process")
    func hashedOnce() async throws {
        let blob = SampleBlob(count: 300_000, seed: 2)
        try await Self.interrupted(blob) { stores, counting, id, app in
            let registry = stores.registry()
            let offset = try await registry.upload(id, in: app).offset
            #expect(offset == 123_457)
            let rest = blob.body(Int(offset)..<blob.bytes.count)
            _ = try await registry.finishUpload(id, appending: rest, at: offset, expecting: blob.name, in: app)
            let expected = CountingBlobStore.Counts(appended: Int64(blob.bytes.count) - offset)
            #expect(counting.counts == expected)
            try await registry.demandWhole(blob, in: app)
        }
    }

    @Test("A digest of another algorithm than the upload began with is compared with all bytes")
    func otherAlgorithm() async throws {
        let blob = SampleBlob(count: 300_000, seed: 3, algorithm: .sha512)
        try await Self.interrupted(blob) { stores, _, id, app in
            let registry = stores.registry()
            let rest = blob.body(123_457..<blob.bytes.count)
            _ = try await registry.finishUpload(id, appending: rest, at: 123_457, expecting: blob.name, in: app)
            try await registry.demandWhole(blob, in: app)
        }
    }

    @Test("A kept hash that this program cannot read is made again from the bytes")
    func unknownState() async throws {
        let blob = SampleBlob(count: 300_000, seed: 4)
        try await Self.interrupted(blob) { stores, counting, id, app in
            let isChanged = try await stores.facts.write { facts in
                try facts.advanceUpload(
                    id.description,
                    from: 123_457,
                    to: 123_457,
                    hashState: [99, 1, 2, 3],
                    at: Timestamp(microseconds: 1)
                )
            }
            #expect(isChanged)
            let registry = stores.registry()
            let rest = blob.body(123_457..<blob.bytes.count)
            _ = try await registry.finishUpload(id, appending: rest, at: 123_457, expecting: blob.name, in: app)
            #expect(counting.counts == .init(appended: 176_543, rehashed: 123_457))
            try await registry.demandWhole(blob, in: app)
        }
    }

    /// Leaves an upload at 123,457 bytes, with more behind them that no checkpoint has reached, and goes on as another
    /// process that counts from there.
    private static func interrupted(
        _ blob: SampleBlob,
        _ body: (TestStores, CountingBlobStore, UploadID, RepositoryName) async throws -> Void
    ) async throws {
        let app = try RepositoryName("app")
        let folder = try TemporaryFolder(inMemory: true)
        let first = try await TestStores.open(in: folder)
        let registry = first.registry()
        let id = try await registry.startUpload(in: app, algorithm: .sha256).id
        _ = try await registry.append(blob.body(0..<123_457), to: id, at: 0, in: app)
        // The process ends while this one waits for its client.
        let (isWaiting, never) = (Latch(), Latch())
        let more = ScriptedBody([
            .bytes(Array(blob.bytes[123_457..<200_000])),
            .wait {
                isWaiting.open(); await never.wait()
            },
        ])
        async let late: Void = {
            await #expect(throws: (any Error).self) {
                _ = try await registry.append(more, to: id, at: 123_457, in: app)
            }
        }()
        await isWaiting.wait()
        try await first.close()
        var counting: CountingBlobStore?
        let second = try await TestStores.open(
            in: folder,
            blobs: { files in
                let store = CountingBlobStore(files)
                counting = store
                return store
            }
        )
        try await body(second, try #require(counting), id, app)
        try await second.close()
        never.open()
        await late
    }
}
