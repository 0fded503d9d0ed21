import BlobStorage
import BlobStorageFiles
import Foundation
import NIOPosix
import OCI
import RegistryTesting
import Testing

@Suite("A blob store on a disk")
struct FileBlobStoreTests {
    let folder: TemporaryFolder
    let blobs: String

    init() throws {
        folder = try TemporaryFolder()
        blobs = "\(folder.path)/blobs"
    }

    private func open(readOnly: Bool = false) async throws -> FileBlobStore {
        try await FileBlobStore.open(folder: blobs, threads: .singleton, readOnly: readOnly)
    }

    @Test("A finished blob lies under its digest and its key, for its owner alone")
    func names() async throws {
        let content = SampleUpload(count: 100, seed: 1)
        try await content.finish(open())
        let digits = content.digest.encoded
        let path = "\(blobs)/sha256/\(digits.prefix(2))/\(digits.dropFirst(2)).\(content.key)"
        #expect(FileManager.default.contents(atPath: path).map(Array.init) == content.bytes)
        #expect(try permissions(path) == 0o600)
        #expect(try permissions("\(blobs)/sha256") == 0o700)
    }

    @Test("What a store wrote is there for the next one")
    func reopened() async throws {
        let content = SampleUpload(count: 100, seed: 2)
        try await content.append(0..<60, to: open())
        try await content.finish(open(), from: 60)
        try await content.demandStored(in: open())
        try await content.demandStored(in: open(readOnly: true))
    }

    @Test("Names that are none of its own are reported as strangers, and nothing else is")
    func strangers() async throws {
        let store = try await open()
        let done = SampleUpload(count: 100, seed: 3)
        let begun = SampleUpload(count: 100, seed: 4)
        try await done.finish(store)
        try await begun.append(0..<10, to: store)
        let prefix = done.digest.encoded.prefix(2)
        let key = begun.key.description
        let other = key.hasPrefix("00") ? "01" : "00"
        let files = [
            "notes.txt", "md5", "sha256/zz", "sha256/\(prefix)/file", "sha256/\(prefix)/abcd.\(key)",
            "sha256/\(prefix)/\(String(repeating: "0", count: 62))", "uploads/\(other)/\(key)", "uploads/core",
        ]
        for file in files { try place(file) }
        try FileManager.default.createDirectory(atPath: "\(blobs)/sha512/AB", withIntermediateDirectories: true)
        let expected = (files + ["sha512/AB"]).sorted()
        for limit in [1, 2, 3, 100] {
            let listing = try await wholeListing(store, limit: limit)
            #expect(listing.strangers.sorted() == expected, "in pages of \(limit)")
            #expect(Set(listing.entries.map(\.key)) == [done.key, begun.key], "in pages of \(limit)")
        }
    }

    @Test("Uploads are listed before blobs, so that an upload that is finished meanwhile is not missed")
    func order() async throws {
        let store = try await open()
        let done = SampleUpload(count: 100, seed: 5)
        let begun = SampleUpload(count: 100, seed: 6)
        try await done.finish(store)
        try await begun.append(0..<100, to: store)
        let first = try await store.list(after: nil, limit: 1)
        #expect(first.entries.map(\.key) == [begun.key])
        try await begun.finish(store, from: 100)
        let second = try await store.list(after: first.next, limit: 10)
        #expect(Set(second.entries.map(\.key)) == [done.key, begun.key])
    }

    @Test("A folder of which a part is a file is refused, and the part is named", arguments: ["uploads", "sha256"])
    func replaced(part: String) async throws {
        _ = try await open()
        try FileManager.default.removeItem(atPath: "\(blobs)/\(part)")
        try place(part)
        let error = await #expect(throws: BlobStoreError.self) { try await open() }
        #expect(error?.code == .unusable)
        #expect(error?.message.contains("\(blobs)/\(part) is not a folder") == true)
    }

    @Test("Looking at a store that is not there makes nothing")
    func readOnlyMakesNothing() async throws {
        await #expect(throws: BlobStoreError.self) { try await open(readOnly: true) }
        #expect(!FileManager.default.fileExists(atPath: blobs))
    }

    @Test("A symbolic link in the place of an upload is not followed")
    func symbolicLink() async throws {
        let store = try await open()
        let content = SampleUpload(count: 100, seed: 7)
        try await content.append(0..<10, to: store)
        let path = "\(blobs)/uploads/\(content.key.description.prefix(2))/\(content.key)"
        try FileManager.default.removeItem(atPath: path)
        try Data("precious".utf8).write(to: URL(filePath: "\(folder.path)/other"))
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "\(folder.path)/other")
        await #expect(throws: SystemCallError.self) { try await content.finish(store) }
        #expect(FileManager.default.contents(atPath: "\(folder.path)/other") == Data("precious".utf8))
    }

    @Test("A blob that is read again is not opened again, and only so many stay open as were allowed")
    func keptOpen() async throws {
        let calls = FailingFileSystem()
        let store = try await FileBlobStore.open(folder: blobs, threads: .singleton, openBlobsMax: 8, calls: calls)
        let contents = (100..<130).map { SampleUpload(count: 50, seed: UInt64($0)) }
        for content in contents { try await content.finish(store) }
        for content in contents { try await content.demandStored(in: store) }
        #expect((1...8).contains(try openDescriptors()))
        var openCount: Int { calls.calls.count { $0.hasPrefix("open") } }
        let before = openCount
        try await contents[29].demandStored(in: store)
        #expect(openCount == before, "the blob that was read last is opened anew")
        try await contents[0].demandStored(in: store)
        #expect(openCount > before, "the blob that was read first is still open")
    }

    @Test("A blob that is kept open is opened anew when its file was changed or removed", arguments: [true, false])
    func keptOpenAndDamaged(isRemoved: Bool) async throws {
        let store = try await open()
        let content = SampleUpload(count: 5000, seed: 60)
        try await content.finish(store)
        #expect(try await store.open(content.key, digest: content.digest).byteCount == 5000)
        let encoded = content.digest.encoded
        let path = "\(blobs)/sha256/\(encoded.prefix(2))/\(encoded.dropFirst(2)).\(content.key)"
        if isRemoved {
            try FileManager.default.removeItem(atPath: path)
            let error = await #expect(throws: BlobStoreError.self) {
                try await store.open(content.key, digest: content.digest)
            }
            #expect(error?.code == .notFound)
        } else {
            #expect(truncate(path, 100) == 0)
            #expect(try await store.open(content.key, digest: content.digest).byteCount == 100)
        }
    }

    /// How many files of this test's folder the process has open.
    private func openDescriptors() throws -> Int {
        let names = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
        let targets = names.map { try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)") }
        return targets.count { $0?.hasPrefix(folder.path) == true }
    }

    @Test("A store whose threads were stopped says so")
    func closed() async throws {
        let threads = NIOThreadPool(numberOfThreads: 1)
        threads.start()
        let store = try await FileBlobStore.open(folder: blobs, threads: threads)
        try await threads.shutdownGracefully()
        let error = await #expect(throws: BlobStoreError.self) { try await store.space() }
        #expect(error?.code == .unusable)
    }

    private func place(_ relative: String) throws {
        let path = "\(blobs)/\(relative)"
        let above = URL(filePath: path).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: above, withIntermediateDirectories: true)
        try Data("x".utf8).write(to: URL(filePath: path))
    }

    private func permissions(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }
}

/// A listing read to its end.
func wholeListing(_ store: any BlobStore, limit: Int) async throws -> BlobListing {
    var whole = BlobListing(entries: [], next: nil)
    repeat {
        let page = try await store.list(after: whole.next, limit: limit)
        #expect(page.entries.count + page.strangers.count <= limit)
        whole.entries += page.entries
        whole.strangers += page.strangers
        whole.next = page.next
    } while whole.next != nil && whole.entries.count + whole.strangers.count < 1000
    return whole
}
