import Foundation

/// An empty folder that is removed, with all that is in it, when nobody holds it any longer.
public final class TemporaryFolder: Sendable {
    /// The absolute path.
    public let path: String

    /// Makes the folder.
    ///
    /// - Parameter inMemory: Whether it may lie in memory, where a test that makes thousands of small files takes
    ///   seconds less. Where there is no such place, it lies with the others.
    /// - Throws: What the disk reports.
    public init(inMemory: Bool = false) throws {
        let memory = "/dev/shm"
        let isThere = inMemory && FileManager.default.isWritableFile(atPath: memory)
        let above = isThere ? memory : FileManager.default.temporaryDirectory.path
        path = above + "/wharf-test-" + UUID().uuidString.lowercased()
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}
