import BlobStorage
import BlobStorageFiles
import NIOPosix
import RegistryTesting
import Testing

@Suite("Every blob store keeps the contract")
struct BlobStoreContractTests {
    @Test("Files on a disk", arguments: BlobStoreContract.rules)
    func files(rule: BlobStoreContract.Rule) async throws {
        let folder = try TemporaryFolder()
        try await rule.check(FileBlobStore.open(folder: "\(folder.path)/blobs", threads: .singleton))
    }

    @Test("Files on a disk that takes at most 1000 bytes a write", arguments: BlobStoreContract.rules)
    func filesWithShortWrites(rule: BlobStoreContract.Rule) async throws {
        let folder = try TemporaryFolder()
        let calls = FailingFileSystem(writeMax: 1000)
        try await rule.check(FileBlobStore.open(folder: "\(folder.path)/blobs", threads: .singleton, calls: calls))
    }

    @Test("Memory", arguments: BlobStoreContract.rules)
    func memory(rule: BlobStoreContract.Rule) async throws {
        try await rule.check(MemoryBlobStore())
    }

    @Test("A store with a reserve that is far away", arguments: BlobStoreContract.rules)
    func reserving(rule: BlobStoreContract.Rule) async throws {
        try await rule.check(ReservingBlobStore(MemoryBlobStore(capacity: 1 << 30), reserve: 1 << 20))
    }
}
