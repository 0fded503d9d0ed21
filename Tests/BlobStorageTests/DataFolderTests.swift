import BlobStorage
import BlobStorageFiles
import Foundation
import RegistryTesting
import Testing

@Suite("The data folder")
struct DataFolderTests {
    let folder: TemporaryFolder
    let path: String

    init() throws {
        folder = try TemporaryFolder(inMemory: true)
        path = "\(folder.path)/data"
    }

    @Test("It is made with the folders above it, and says its format")
    func made() throws {
        let deep = try DataFolder.open("\(path)/a/b/", for: .serving)
        #expect(deep.path == "\(path)/a/b")
        #expect(deep.blobs == "\(path)/a/b/blobs")
        #expect(try String(contentsOfFile: "\(path)/a/b/version", encoding: .utf8) == "1\n")
    }

    @Test("Who has it open for serving has it alone, until they let go")
    func exclusive() throws {
        do {
            let first = try DataFolder.open(path, for: .serving)
            let message = refusal(path, .serving)
            #expect(message.contains("is in use by process \(getpid()). Stop it first"))
            withExtendedLifetime(first) {}
        }
        _ = try DataFolder.open(path, for: .serving)
    }

    @Test("A lock of another process is respected and its holder named; it ends with that process, even by kill -9")
    func otherProcess() async throws {
        _ = try DataFolder.open(path, for: .serving)
        // Like a wharf: takes the lock, then writes its process id.
        let script = "exec 9<>\"$1\"; flock 9; echo $$ >\"$1\"; exec sleep 60"
        let other = try Command("sh", ["-c", script, "sh", "\(path)/lock"]).start()
        try await other.waitUntil("holds the lock") { refusal(path, .serving).contains("process \(other.pid).") }
        await other.kill()
        let mine = try DataFolder.open(path, for: .serving)
        let busy = try await Command("flock", ["-n", "\(path)/lock", "true"]).run()
        #expect(busy.status == 1, "another process could take the lock while it is held here")
        withExtendedLifetime(mine) {}
    }

    @Test("It can be looked at while it is served, and looking makes nothing")
    func inspecting() throws {
        #expect(refusal(path, .inspecting).contains("No such file or directory"))
        #expect(!FileManager.default.fileExists(atPath: path))
        let serving = try DataFolder.open(path, for: .serving)
        #expect(try DataFolder.open(path, for: .inspecting).path == serving.path)
        #expect(refusal(folder.path, .inspecting).contains("was never served"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["data"])
    }

    @Test(
        "A version that is not known is refused with what to do",
        arguments: [
            ("2\n", "is of format 2, and this wharf knows formats up to 1. Start the newer wharf"),
            ("", "has a damaged file"), ("one\n", "has a damaged file"), ("0\n", "has a damaged file"),
        ]
    )
    func version(text: String, words: String) throws {
        _ = try DataFolder.open(path, for: .serving)
        try Data(text.utf8).write(to: URL(filePath: "\(path)/version"))
        for purpose in [DataFolder.Purpose.serving, .inspecting] { #expect(refusal(path, purpose).contains(words)) }
        try Data("1\n".utf8).write(to: URL(filePath: "\(path)/version"))
        _ = try DataFolder.open(path, for: .serving)
    }

    @Test("Blobs without a version are not taken for an empty folder")
    func lostVersion() throws {
        try FileManager.default.createDirectory(atPath: "\(path)/blobs", withIntermediateDirectories: true)
        #expect(refusal(path, .serving).contains("has blobs but no file \"version\""))
    }

    @Test("A file in its place is refused")
    func file() throws {
        try Data("x".utf8).write(to: URL(filePath: path))
        #expect(refusal(path, .serving).contains("is not a folder"))
    }

    @Test("Each call in turn finds the folder read-only: refused in clear words, and fine the next time")
    func readOnly() throws {
        let all = FailingFileSystem()
        _ = try DataFolder.open(path, for: .serving, calls: all)
        for call in 1...all.calls.count {
            let path = "\(folder.path)/data-\(call)"
            let calls = FailingFileSystem(failing: call, with: EROFS)
            let error = #expect(throws: BlobStoreError.self) {
                try DataFolder.open(path, for: .serving, calls: calls)
            }
            #expect(error?.code == .unusable)
            #expect(error?.message.contains("\(path) cannot be written: Read-only file system") == true)
            _ = try DataFolder.open(path, for: .serving)
        }
    }

    @Test("Who moves away what a folder holds is alone in it, and writes nothing")
    func leaving() throws {
        #expect(refusal(path, .leaving).contains("No such file"))
        for purpose in [DataFolder.Purpose.serving, .filling] {
            let served = try DataFolder.open(path, for: purpose)
            #expect(refusal(path, .leaving).contains("is in use by process"))
            withExtendedLifetime(served) {}
        }
        let calls = FailingFileSystem()
        let leaving = try DataFolder.open(path, for: .leaving, calls: calls)
        #expect(!calls.calls.contains { call in ["pwrite", "ftruncate", "mkdir"].contains { call.hasPrefix($0) } })
        for purpose in [DataFolder.Purpose.serving, .filling, .leaving] {
            #expect(refusal(path, purpose).contains("is in use by"))
        }
        withExtendedLifetime(leaving) {}
        try FileManager.default.removeItem(atPath: "\(path)/lock")
        #expect(refusal(path, .leaving).contains("was never served"))
    }

    @Test("A full disk does not keep a folder from being served")
    func full() throws {
        _ = try DataFolder.open(path, for: .serving)
        let usual = FailingFileSystem()
        _ = try DataFolder.open(path, for: .serving, calls: usual)
        let write = try #require(usual.calls.firstIndex { $0.hasPrefix("pwrite") }) + 1
        let calls = FailingFileSystem(failing: write, with: ENOSPC)
        let served = try DataFolder.open(path, for: .serving, calls: calls)
        #expect(refusal(path, .serving).contains("is in use by another process"))
        withExtendedLifetime(served) {}
    }

    @Test("Power is lost while it is made: it can be made again, and once made it stays")
    func powerLoss() throws {
        let all = FailingFileSystem()
        _ = try DataFolder.open("\(folder.path)/counted", for: .serving, calls: all)
        for call in 1...all.calls.count + 1 {
            let before = try TemporaryFolder(inMemory: true)
            let disk = try PowerLossFileSystem(watching: before.path)
            let calls = FailingFileSystem(disk, failing: call, .fromThenOn)
            let made = try? DataFolder.open("\(before.path)/data", for: .serving, calls: calls)
            #expect((made != nil) == (call > all.calls.count))
            for seed in 0..<4 {
                let after = try TemporaryFolder(inMemory: true)
                try disk.losePower(into: after.path, chance: seed == 0 ? 0 : 0.5, seed: UInt64(seed))
                if made != nil { _ = try DataFolder.open("\(after.path)/data", for: .inspecting) }
                _ = try DataFolder.open("\(after.path)/data", for: .serving)
            }
        }
    }

    /// The sentence with which opening is refused; empty when it is not.
    private func refusal(_ path: String, _ purpose: DataFolder.Purpose) -> String {
        do {
            _ = try DataFolder.open(path, for: purpose)
            return ""
        } catch let error as BlobStoreError where error.code == .unusable {
            return error.message
        } catch {
            return ""
        }
    }
}
