import BlobStorage
import Hosting
import Metadata
import OCI
import RegistryContract
import RegistryTesting
import Testing

/// Servers over the same stores: what one has done holds at every other with the next request.
@Suite struct SharedStoresTests {
    /// What two servers share.
    struct Shared: Sendable, CustomTestStringConvertible {
        let database: TestDatabase
        let blobs: TestBlobs

        static let all = [
            Shared(database: .sqlite, blobs: .files), Shared(database: .postgresql, blobs: .files),
            Shared(database: .postgresql, blobs: .radosgw), Shared(database: .postgresql, blobs: .rclone),
        ]

        var testDescription: String { "\(database) and \(blobs)" }
    }

    /// Two servers that know of each other only by what the stores hold.
    private struct Pair: Sendable {
        let first: any Registry
        let second: any Registry
        let app: RepositoryName

        static func with(_ stores: Shared, _ body: @Sendable (Pair) async throws -> Void) async throws {
            try await TestDatabase.$current.withValue(stores.database) {
                try await TestBlobs.$current.withValue(stores.blobs) {
                    try await TestStores.with { stores in
                        let options = RegistryHost.Options(checkpointByteCount: 1000, isAlone: false)
                        let second = try await stores.elsewhere().registry(options)
                        let app = try RepositoryName("team/app")
                        try await body(Pair(first: stores.registry(options), second: second, app: app))
                    }
                }
            }
        }
    }

    @Test(arguments: Shared.all)
    func `a tag that one moves, the other sees with the next request`(_ stores: Shared) async throws {
        try await Pair.with(stores) { pair in
            let images = (0..<5).map { SampleImage(seed: 500 + UInt64($0)) }
            for (index, image) in images.enumerated() {
                let (pusher, reader) = index % 2 == 0 ? (pair.first, pair.second) : (pair.second, pair.first)
                try await pusher.push(image, to: pair.app, tags: "latest")
                try await reader.demandWhole(image.manifest, as: "latest", in: pair.app)
                try await pusher.demandWhole(image.manifest, as: "latest", in: pair.app)
            }
        }
    }

    @Test(arguments: Shared.all)
    func `what one deletes is gone at the other with the next request`(_ stores: Shared) async throws {
        try await Pair.with(stores) { pair in
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

    @Test(arguments: Shared.all)
    func `an upload goes on at another server after each chunk`(_ stores: Shared) async throws {
        try await Pair.with(stores) { pair in
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

    @Test(arguments: Shared.all)
    func `the end of an upload that comes to two servers at once loses nothing that was acknowledged`(_ stores: Shared)
        async throws
    {
        try await Pair.with(stores) { pair in
            for seed in 540..<550 {
                let blob = SampleBlob(count: 3000, seed: UInt64(seed))
                let id = try await pair.first.startUpload(in: pair.app, algorithm: .sha256).id
                _ = try await pair.first.append(blob.body(0..<3000), to: id, at: 0, in: pair.app)
                let digest = try blob.name
                let wins = try await withThrowingTaskGroup(of: Bool.self) { tasks in
                    for server in [pair.first, pair.second] {
                        tasks.addTask {
                            do {
                                let app = pair.app
                                _ = try await server.finishUpload(
                                    id,
                                    appending: nil,
                                    at: nil,
                                    expecting: digest,
                                    in: app
                                )
                                return true
                            } catch let error as RegistryError where error.code == .uploadUnknown {
                                return false
                            }
                        }
                    }
                    return try await tasks.reduce(0) { $0 + ($1 ? 1 : 0) }
                }
                // Where they got into each other's way, neither was told that it was done.
                if wins == 0 {
                    let again = try await pair.first.startUpload(in: pair.app, algorithm: .sha256).id
                    let (app, body) = (pair.app, blob.body(0..<3000))
                    _ = try await pair.first.finishUpload(again, appending: body, at: 0, expecting: digest, in: app)
                }
                for server in [pair.first, pair.second] { try await server.demandWhole(blob, in: pair.app) }
            }
        }
    }

    @Test(arguments: Shared.all)
    func `a request that hangs is refused when another server has gone on`(_ stores: Shared) async throws {
        try await Pair.with(stores) { pair in
            let blob = SampleBlob(count: 6000, seed: 530)
            let id = try await pair.first.startUpload(in: pair.app, algorithm: .sha256).id
            let hanging = ScriptedBody([
                .bytes(Array(blob.bytes[..<2000])),
                .wait {
                    // A checkpoint comes after each 1000 bytes, and a bucket keeps those that fill a part.
                    let durable = stores.blobs == .files ? 2000 : 0
                    let offset = try? await pair.second.upload(id, in: pair.app).offset
                    #expect(offset == Int64(durable))
                    let more = blob.body(durable..<5000)
                    let status = try? await pair.second.append(more, to: id, at: Int64(durable), in: pair.app)
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
