import BlobStorage
import Hosting
import Metadata
import OCI
import RegistryContract
import RegistryTesting
import Testing

/// Servers over the same stores: what one has done holds at every other with the next request.
@Suite struct SharedStoresTests {
    /// Two servers that know of each other only by what the stores hold.
    private struct Pair: Sendable {
        let first: any Registry
        let second: any Registry
        let app: RepositoryName

        static func with(
            _ database: TestDatabase,
            _ body: @Sendable (Pair) async throws -> Void
        ) async throws {
            try await TestDatabase.$current.withValue(database) {
                try await TestStores.with { stores in
                    let options = RegistryHost.Options(checkpointByteCount: 1000, isAlone: false)
                    let (first, second) = (stores.registry(options), stores.registry(options))
                    try await body(Pair(first: first, second: second, app: try RepositoryName("team/app")))
                }
            }
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `a tag that one moves, the other sees with the next request`(_ database: TestDatabase) async throws {
        try await Pair.with(database) { pair in
            let images = (0..<5).map { SampleImage(seed: 500 + UInt64($0)) }
            for (index, image) in images.enumerated() {
                let (pusher, reader) = index % 2 == 0 ? (pair.first, pair.second) : (pair.second, pair.first)
                try await pusher.push(image, to: pair.app, tags: "latest")
                try await reader.demandWhole(image.manifest, as: "latest", in: pair.app)
                try await pusher.demandWhole(image.manifest, as: "latest", in: pair.app)
            }
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `what one deletes is gone at the other with the next request`(_ database: TestDatabase) async throws {
        try await Pair.with(database) { pair in
            let image = SampleImage(seed: 510)
            try await pair.first.push(image, to: pair.app, tags: "1")
            try await pair.second.demandWhole(image.manifest, as: "1", in: pair.app)
            for blob in image.blobs { try await pair.second.demandWhole(blob, in: pair.app) }
            try await pair.first.deleteManifest(image.manifest.name, in: pair.app)
            let digest = try image.manifest.name
            await #expect(throws: RegistryError(.manifestUnknown, "")) {
                _ = try await pair.second.manifest(.digest(digest), in: pair.app)
            }
            for blob in image.blobs {
                let name = try blob.name
                try await pair.first.deleteBlob(name, in: pair.app)
                await #expect(throws: RegistryError(.blobUnknown, "")) {
                    _ = try await pair.second.blob(name, in: pair.app)
                }
            }
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `an upload goes on at another server after each chunk`(_ database: TestDatabase) async throws {
        try await Pair.with(database) { pair in
            let blob = SampleBlob(count: 20_000, seed: 520)
            let id = try await pair.first.startUpload(in: pair.app, algorithm: .sha256).id
            for (index, start) in stride(from: 0, to: 20_000, by: 2500).enumerated() {
                let server = index % 2 == 0 ? pair.second : pair.first
                let chunk = blob.body(start..<start + 2500)
                let status = try await server.append(chunk, to: id, at: Int64(start), in: pair.app)
                #expect(status.offset == Int64(start + 2500))
                #expect(try await pair.first.upload(id, in: pair.app).offset == status.offset)
                #expect(try await pair.second.upload(id, in: pair.app).offset == status.offset)
            }
            let digest = try blob.name
            let size = try await pair.second.finishUpload(id, appending: nil, at: nil, expecting: digest, in: pair.app)
            #expect(size == 20_000)
            try await pair.first.demandWhole(blob, in: pair.app)
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `a request that hangs is refused when another server has gone on`(_ database: TestDatabase) async throws {
        try await Pair.with(database) { pair in
            let blob = SampleBlob(count: 6000, seed: 530)
            let id = try await pair.first.startUpload(in: pair.app, algorithm: .sha256).id
            let hanging = ScriptedBody([
                .bytes(Array(blob.bytes[..<2000])),
                .wait {
                    // The first 2000 bytes are durable: a checkpoint comes after each 1000.
                    let offset = try? await pair.second.upload(id, in: pair.app).offset
                    #expect(offset == 2000)
                    let more = blob.body(2000..<5000)
                    let status = try? await pair.second.append(more, to: id, at: 2000, in: pair.app)
                    #expect(status?.offset == 5000)
                },
                .bytes(Array(blob.bytes[2000..<4000])),
            ])
            let refusal = await #expect(throws: RegistryError.self) {
                _ = try await pair.first.append(hanging, to: id, at: 0, in: pair.app)
            }
            #expect(refusal?.code == .uploadOffsetInvalid)
            #expect(refusal?.offset == 5000)
            let digest = try blob.name
            let last = blob.body(5000..<6000)
            _ = try await pair.second.finishUpload(id, appending: last, at: 5000, expecting: digest, in: pair.app)
            try await pair.first.demandWhole(blob, in: pair.app)
        }
    }
}
