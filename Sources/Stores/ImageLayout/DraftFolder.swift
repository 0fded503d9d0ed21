import Foundation
import Glibc
import RegistryContract

/// The folder in which an archive is prepared, beside the file that it will become; it goes away with this object.
///
///     .NAME.wharf-6b1c…/       locked with flock(2) by whoever prepares it
///       layout/                what came in so far
///       archive                the archive while it is written, renamed to NAME at the end
///
/// What a killed program has left is removed by the next one that writes an archive of the same name.
final class DraftFolder: Sendable {
    let path: String
    private let handle: FolderHandle

    var layout: String { "\(path)/layout" }
    var archive: String { "\(path)/archive" }

    /// Makes one beside `target`.
    ///
    /// Waits for the disk.
    init(beside target: String) throws {
        let slash = target.lastIndex(of: "/")
        let above = slash.map { String(target[...$0]) } ?? "./"
        let prefix = ".\(target[(slash.map { target.index(after: $0) } ?? target.startIndex)...]).wharf-"
        try Self.clear(above, prefix)
        let path = "\(above)\(prefix)\(UUID().uuidString.prefix(8).lowercased())"
        guard mkdir(path, 0o700) == 0 else { throw FileProblem(.write, path) }
        guard let handle = FolderHandle(path) else { throw FileProblem(.read, path) }
        _ = flock(handle.descriptor, LOCK_EX | LOCK_NB)
        self.path = path
        self.handle = handle
    }

    deinit {
        remove()
    }

    /// Removes it with all that is in it.
    func remove() {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Removes those of programs that are gone.
    private static func clear(_ above: String, _ prefix: String) throws {
        for name in try LayoutFolder.names(in: above) where name.hasPrefix(prefix) {
            let path = "\(above)\(name)"
            guard let handle = FolderHandle(path), flock(handle.descriptor, LOCK_EX | LOCK_NB) == 0 else { continue }
            // One that was made just now and is not locked yet is younger than this.
            var found = stat()
            guard fstat(handle.descriptor, &found) == 0, time(nil) - found.st_mtim.tv_sec > 60 else { continue }
            try? FileManager.default.removeItem(atPath: path)
        }
    }
}
