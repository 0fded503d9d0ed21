import BlobStorage
import BlobStorageFiles
import Hosting
import Metadata
import NIOCore
import OCI
import RegistryContract
import RegistryTesting
import Testing
import Upkeep

/// Uploads that nobody goes on with are given up after a while.
@Suite struct UploadSweepTests {
    private static let repository = "app"
    private static let caller = Caller(id: Caller.anonymousID, address: "127.0.0.1", requestID: "test")

    /// Begins an upload and sends it some bytes.
    private static func begin(in registry: any Registry, _ bytes: [UInt8]) async throws -> UploadID {
        let name = try RepositoryName(repository)
        let id = try await registry.startUpload(in: name, algorithm: .sha256).id
        let status = try await registry.append(BytesBody(ByteBuffer(bytes: bytes)), to: id, at: 0, in: name)
        try #require(status.offset == Int64(bytes.count))
        return id
    }

    private static func keys(in blobs: any BlobStore) async throws -> Int {
        try await blobs.list(after: nil, limit: 1000).entries.count
    }

    @Test func `an upload that was left alone is gone with its bytes`() async throws {
        try await TestRegistry.withInstallation { installation in
            let registry = installation.host.registry(for: Self.caller)
            let name = try RepositoryName(Self.repository)
            let id = try await Self.begin(in: registry, Array("left alone".utf8))
            #expect(try await Self.keys(in: installation.blobs) == 1)
            let sweep = UploadSweep(facts: installation.facts, blobs: installation.blobs)
            #expect(try await sweep.run(before: Timestamp(microseconds: .max)) == 1)
            #expect(try await Self.keys(in: installation.blobs) == 0)
            await #expect(throws: RegistryError(.uploadUnknown, "")) {
                _ = try await registry.upload(id, in: name)
            }
            await #expect(throws: RegistryError(.uploadUnknown, "")) {
                _ = try await registry.append(BytesBody(ByteBuffer(string: "more")), to: id, at: 10, in: name)
            }
        }
    }

    @Test func `an upload that moved on since then stays, and ends well`() async throws {
        try await TestRegistry.withInstallation { installation in
            let registry = installation.host.registry(for: Self.caller)
            let name = try RepositoryName(Self.repository)
            let blob = SampleBlob("goes on")
            let id = try await Self.begin(in: registry, blob.bytes)
            let sweep = UploadSweep(facts: installation.facts, blobs: installation.blobs)
            #expect(try await sweep.run(before: Timestamp(microseconds: 0)) == 0)
            let digest = try Digest(blob.digest)
            let size = try await registry.finishUpload(id, appending: nil, at: nil, expecting: digest, in: name)
            #expect(size == Int64(blob.bytes.count))
            #expect(try await sweep.run(before: Timestamp(microseconds: .max)) == 0)
            #expect(try await registry.blobByteCount(digest, in: name) == size)
        }
    }

    @Test func `what was begun and never sent is given up too`() async throws {
        try await TestRegistry.withInstallation { installation in
            let registry = installation.host.registry(for: Self.caller)
            let name = try RepositoryName(Self.repository)
            let id = try await registry.startUpload(in: name, algorithm: .sha256).id
            let sweep = UploadSweep(facts: installation.facts, blobs: installation.blobs)
            #expect(try await sweep.run(before: Timestamp(microseconds: .max)) == 1)
            let digest = try Digest(SampleBlob("late").digest)
            await #expect(throws: RegistryError(.uploadUnknown, "")) {
                let late = BytesBody(ByteBuffer(string: "late"))
                _ = try await registry.finishUpload(id, appending: late, at: 0, expecting: digest, in: name)
            }
            #expect(try await Self.keys(in: installation.blobs) == 0)
        }
    }
}
