import Foundation
import NIOCore
import OCI
import RegistryContract
import RegistryTesting
import Testing

@testable import ImageLayout

/// The beginning of a blob that an earlier program has left in a folder, and archives whose reader is stopped.
@Suite struct LeftPartTests {
    private let folder: TemporaryFolder
    private let blob = SampleBlob(count: 3 << 20, seed: 4)
    private var path: String { "\(folder.path)/layout" }

    init() throws {
        folder = try TemporaryFolder()
    }

    private var descriptor: Descriptor {
        get throws {
            Descriptor(mediaType: .octetStream, digest: try Digest(blob.digest), size: Int64(blob.bytes.count))
        }
    }

    private var part: String { "\(path)/ingest/wharf-part-sha256-\(blob.digest.dropFirst("sha256:".count))" }

    /// Brings bytes, and ends without finishing.
    private func leave(_ bytes: ArraySlice<UInt8>) async throws {
        do {
            let layout = LayoutRegistry(path: path)
            let id = try await layout.startUpload(of: descriptor, in: anywhere).id
            _ = try await layout.append(BytesBody(ByteBuffer(bytes: bytes)), to: id, at: 0, in: anywhere)
        }
        // It was not told that it is over: its last reference may go a moment later, on another thread.
        for _ in 0..<500 {
            let next = LayoutRegistry(path: path)
            let offset = try await next.startUpload(of: descriptor, in: anywhere).offset
            if offset == bytes.count || bytes.count < 1 << 20 { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        Issue.record("what was left is still locked")
    }

    private func finish(_ layout: LayoutRegistry, from offset: Int64, _ id: UploadID) async throws {
        let rest = BytesBody(ByteBuffer(bytes: blob.bytes[Int(offset)...]))
        let digest = try Digest(blob.digest)
        _ = try await layout.finishUpload(id, appending: rest, at: offset, expecting: digest, in: anywhere)
    }

    /// Begins, once nobody holds what was left.
    private func begin() async throws -> (LayoutRegistry, UploadStatus) {
        let layout = LayoutRegistry(path: path)
        return (layout, try await layout.startUpload(of: descriptor, in: anywhere))
    }

    @Test func `is gone on with, and is no blob before it is whole`() async throws {
        try await leave(blob.bytes[..<(2 << 20)])
        await #expect(throws: RegistryError.self) {
            try await LayoutRegistry(path: path).blobByteCount(Digest(blob.digest), in: anywhere)
        }
        #expect(FileManager.default.fileExists(atPath: part))
        let (layout, status) = try await begin()
        #expect(status.offset == 2 << 20)
        try await finish(layout, from: status.offset, status.id)
        #expect(try await layout.blobByteCount(Digest(blob.digest), in: anywhere) == Int64(blob.bytes.count))
        #expect(!FileManager.default.fileExists(atPath: "\(path)/ingest"))
    }

    @Test func `with other bytes is refused as a whole and gone`() async throws {
        try await leave([UInt8](repeating: 1, count: 2 << 20)[...])
        let (layout, status) = try await begin()
        let error = await #expect(throws: RegistryError.self) {
            try await finish(layout, from: status.offset, status.id)
        }
        #expect(error?.code == .digestMismatch)
        #expect(try await layout.startUpload(of: descriptor, in: anywhere).offset == 0)
    }

    @Test func `stays for a week and no longer`() async throws {
        try await leave(blob.bytes[..<(2 << 20)])
        let day = 86_400.0
        for (age, isThere) in [(6 * day, true), (8 * day, false)] {
            let changed = Date(timeIntervalSinceNow: -age)
            try FileManager.default.setAttributes([.modificationDate: changed], ofItemAtPath: part)
            try await LayoutRegistry(path: path).push(SampleBlob("\(age)"), to: anywhere)
            #expect(FileManager.default.fileExists(atPath: part) == isThere)
        }
    }

    @Test func `is one program's alone: another one begins anew`() async throws {
        let (first, second) = (LayoutRegistry(path: path), LayoutRegistry(path: path))
        let one = try await first.startUpload(of: descriptor, in: anywhere)
        _ = try await first.append(BytesBody(ByteBuffer(bytes: blob.bytes[..<1000])), to: one.id, at: 0, in: anywhere)
        let other = try await second.startUpload(of: descriptor, in: anywhere)
        #expect(other.offset == 0)
        try await finish(second, from: 0, other.id)
        try await finish(first, from: 1000, one.id)
        #expect(try await first.blobByteCount(Digest(blob.digest), in: anywhere) == Int64(blob.bytes.count))
    }

    @Test func `is gone on with in the same program once it was left`() async throws {
        let layout = LayoutRegistry(path: path)
        let one = try await layout.startUpload(of: descriptor, in: anywhere)
        let bytes = BytesBody(ByteBuffer(bytes: blob.bytes[..<(2 << 20)]))
        _ = try await layout.append(bytes, to: one.id, at: 0, in: anywhere)
        await layout.leaveUpload(one.id, in: anywhere)
        let again = try await layout.startUpload(of: descriptor, in: anywhere)
        #expect(again.offset == 2 << 20)
        try await finish(layout, from: again.offset, again.id)
    }

    @Test func `that is left is nobody's any more, whatever other programs are begun just then`() async throws {
        let others = Task {
            while !Task.isCancelled { _ = try await Command("/bin/true").run() }
        }
        defer { others.cancel() }
        let layout = LayoutRegistry(path: path)
        let bytes = blob.bytes[..<(2 << 20)]
        for round in 0..<2000 {
            let one = try await layout.startUpload(of: descriptor, in: anywhere)
            try #require(one.offset == (round == 0 ? 0 : bytes.count), "round \(round)")
            if round == 0 {
                _ = try await layout.append(BytesBody(ByteBuffer(bytes: bytes)), to: one.id, at: 0, in: anywhere)
            }
            await layout.leaveUpload(one.id, in: anywhere)
        }
    }

    @Test func `that is a link, or has a second name, is not written to`() async throws {
        try FileManager.default.createDirectory(atPath: "\(path)/ingest", withIntermediateDirectories: true)
        let mine = "\(folder.path)/mine"
        try "mine".write(to: mine)
        try FileManager.default.linkItem(atPath: mine, toPath: part)
        let (layout, status) = try await begin()
        #expect(status.offset == 0)
        try await finish(layout, from: 0, status.id)
        #expect(try String(contentsOfFile: mine, encoding: .utf8) == "mine")
        try FileManager.default.removeItem(atPath: "\(path)")
        try FileManager.default.createDirectory(atPath: "\(path)/ingest", withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: part, withDestinationPath: mine)
        await #expect(throws: RegistryError.self) { _ = try await begin() }
        #expect(try String(contentsOfFile: mine, encoding: .utf8) == "mine")
    }

    @Test(.timeLimit(.minutes(1)))
    func `an archive that comes through a pipe and does not end is left when nobody wants it`() async throws {
        let pipe = "\(folder.path)/pipe"
        #expect(mkfifo(pipe, 0o600) == 0)
        let writer = open(pipe, O_RDWR | O_CLOEXEC)
        defer { close(writer) }
        let head: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]
        #expect(write(writer, head, head.count) == head.count)
        let (path, temporary) = (pipe, folder.path)
        let opening = Task { try await ImageArchive.open(path: path, as: .archive, temporaryFolder: temporary) }
        var left: CInt = 1
        while left > 0 {
            #expect(ioctl(writer, UInt(FIONREAD), &left) == 0)
            try await Task.sleep(for: .milliseconds(2))
        }
        opening.cancel()
        await #expect(throws: CancellationError.self) { _ = try await opening.value }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["pipe"])
    }
}
