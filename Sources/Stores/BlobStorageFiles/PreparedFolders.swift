import Synchronization

/// The folders of a layout that are known to exist durably, so that each is made and synchronised once a process.
///
/// A folder that is merely there proves nothing: a process that was killed may have made it without synchronising its
/// entry. At most 768 paths.
final class PreparedFolders: Sendable {
    private let paths = Mutex<Set<String>>([])

    /// Makes `path` when it is missing, and its entry in the folder above durable.
    func prepare(_ path: String, _ calls: any FileSystemCalls) throws(SystemCallError) {
        if paths.withLock({ $0.contains(path) }) { return }
        // Two callers may both do this: it is harmless, and nobody waits for a disk under the lock.
        try calls.makeFolderIfMissing(path)
        try calls.synchronizeFolder(parent(of: path))
        paths.withLock { _ = $0.insert(path) }
    }
}

/// The folder above an absolute path.
func parent(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), slash > path.startIndex else { return "/" }
    return String(path[..<slash])
}
