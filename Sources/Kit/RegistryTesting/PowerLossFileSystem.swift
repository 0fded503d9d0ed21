public import BlobStorage
public import BlobStorageFiles
import Foundation
import Synchronization

/// A way to the disk that knows what would be left of a folder if power were lost now.
///
/// All calls go through to the disk; beside it runs a `PowerLossModel`. To stop a program in the middle, put a
/// ``FailingFileSystem`` in front that fails from some call on, and lose power then.
public final class PowerLossFileSystem: FileSystemCalls {
    /// What a bad disk leaves undone, though it reports success.
    public enum Neglect: Sendable, Hashable, CaseIterable {
        /// fdatasync(2) of files.
        case files
        /// fsync(2) of folders.
        case folders
    }

    private struct State {
        var model = PowerLossModel()
        var opened: [CInt: PowerLossModel.Node] = [:]
    }

    private let base: any FileSystemCalls
    private let root: String
    private let neglect: Neglect?
    private let state = Mutex(State())

    /// Watches the folder `root`, in which all that is there is taken for durable.
    public init(
        watching root: String,
        _ base: any FileSystemCalls = SystemCalls(),
        neglecting neglect: Neglect? = nil
    ) throws {
        self.base = base
        self.root = root
        self.neglect = neglect
        let found = try FileManager.default.subpathsOfDirectory(atPath: root).sorted()
        try state.withLock { state in
            for relative in found {
                let path = relative.split(separator: "/").map(String.init)
                let absolute = "\(root)/\(relative)"
                if try base.status(at: absolute).kind == .folder {
                    state.model.makeFolder(at: path)
                } else {
                    let node = state.model.makeFile(at: path)
                    state.model.write(Array(try Data(contentsOf: URL(filePath: absolute))), to: node, at: 0)
                }
            }
            state.model.synchronizeAll()
        }
    }

    /// Writes into the empty folder `folder` what would be left.
    ///
    /// - Parameters:
    ///   - folder: An absolute path.
    ///   - chance: With which each change that is not durable survives all the same: 0 is the worst case.
    ///   - seed: Chooses which.
    /// - Throws: What the disk reports.
    public func losePower(into folder: String, chance: Double = 0, seed: UInt64 = 0) throws {
        var generator = SeededGenerator(seed: seed)
        let remains = state.withLock { $0.model.remains(chance: chance, using: &generator) }
        for one in remains {
            switch one {
            case .folder(let path):
                let url = URL(filePath: folder + "/" + path.joined(separator: "/"))
                try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
            case .file(let path, let bytes):
                try Data(bytes).write(to: URL(filePath: folder + "/" + path.joined(separator: "/")))
            }
        }
    }

    private func relative(_ path: String) -> [String] {
        path.dropFirst(root.count).split(separator: "/").map(String.init)
    }

    /// Calls the disk and tells the model, as one step.
    private func step<Result>(
        _ call: () throws(SystemCallError) -> Result,
        _ tell: (inout State, Result) -> Void
    ) throws(SystemCallError) -> Result {
        try state.withLock { state throws(SystemCallError) in
            let result = try call()
            tell(&state, result)
            return result
        }
    }

    /// Watched.
    public func open(_ path: String, for access: FileAccess) throws(SystemCallError) -> OpenedFile {
        let name = relative(path)
        return try step { () throws(SystemCallError) in
            try base.open(path, for: access)
        } _: { state, file in
            state.opened[file.descriptor] = state.model.node(at: name) ?? state.model.makeFile(at: name)
        }
    }

    /// Watched.
    public func close(_ file: OpenedFile) {
        state.withLock { state in
            state.opened[file.descriptor] = nil
            base.close(file)
        }
    }

    /// Passed through.
    public func status(of file: OpenedFile) throws(SystemCallError) -> FileStatus {
        try base.status(of: file)
    }

    /// Passed through.
    public func status(at path: String) throws(SystemCallError) -> FileStatus {
        try base.status(at: path)
    }

    /// Passed through.
    public func read(
        into bytes: UnsafeMutableRawBufferPointer,
        from file: OpenedFile,
        at offset: Int64
    ) throws(SystemCallError) -> Int {
        try base.read(into: bytes, from: file, at: offset)
    }

    /// Watched.
    public func write(
        _ pieces: [UnsafeRawBufferPointer],
        to file: OpenedFile,
        at offset: Int64
    ) throws(SystemCallError) -> Int {
        try step { () throws(SystemCallError) in
            try base.write(pieces, to: file, at: offset)
        } _: { state, count in
            guard let node = state.opened[file.descriptor] else { return }
            state.model.write(Array(pieces.joined().prefix(count)), to: node, at: Int(offset))
        }
    }

    /// Watched.
    public func truncate(_ file: OpenedFile, to byteCount: Int64) throws(SystemCallError) {
        try step { () throws(SystemCallError) in
            try base.truncate(file, to: byteCount)
        } _: { state, _ in
            state.opened[file.descriptor].map { state.model.truncate($0, to: Int(byteCount)) }
        }
    }

    /// Watched.
    public func synchronize(_ file: OpenedFile) throws(SystemCallError) {
        try step { () throws(SystemCallError) in
            try base.synchronize(file)
        } _: { state, _ in
            guard neglect != .files, let node = state.opened[file.descriptor] else { return }
            state.model.synchronize(node)
        }
    }

    /// Watched.
    public func synchronizeFolder(_ path: String) throws(SystemCallError) {
        try step { () throws(SystemCallError) in
            try base.synchronizeFolder(path)
        } _: { state, _ in
            // The folder above the root is none of ours: that the root is there is taken for granted.
            guard path.hasPrefix(root), neglect != .folders else { return }
            state.model.synchronizeFolder(at: relative(path))
        }
    }

    /// Watched.
    public func makeFolder(_ path: String) throws(SystemCallError) {
        try step { () throws(SystemCallError) in
            try base.makeFolder(path)
        } _: { state, _ in
            state.model.makeFolder(at: relative(path))
        }
    }

    /// Watched.
    public func rename(_ path: String, to destination: String) throws(SystemCallError) {
        try step { () throws(SystemCallError) in
            try base.rename(path, to: destination)
        } _: { state, _ in
            state.model.rename(relative(path), to: relative(destination))
        }
    }

    /// Watched.
    public func unlink(_ path: String) throws(SystemCallError) {
        try step { () throws(SystemCallError) in
            try base.unlink(path)
        } _: { state, _ in
            state.model.unlink(relative(path))
        }
    }

    /// Passed through.
    public func names(in folder: String) throws(SystemCallError) -> [String] {
        try base.names(in: folder)
    }

    /// Passed through.
    public func checkWritable(_ path: String) throws(SystemCallError) {
        try base.checkWritable(path)
    }

    /// Passed through.
    public func lock(_ file: OpenedFile) throws(SystemCallError) -> Bool {
        try base.lock(file)
    }

    /// Passed through.
    public func unlock(_ file: OpenedFile) {
        base.unlock(file)
    }

    /// Passed through.
    public func space(at path: String) throws(SystemCallError) -> StorageSpace {
        try base.space(at: path)
    }
}
