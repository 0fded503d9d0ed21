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
        for _ in 0..<100 {
            let path = "\(above)\(prefix)\(UUID().uuidString.prefix(8).lowercased())"
            guard mkdir(path, 0o700) == 0 else { throw FileProblem(.write, path) }
            // Somebody who clears up may be faster than the lock: then it is tried again under another name.
            guard let handle = FolderHandle(path), Self.isLocked(handle, at: path) else { continue }
            self.path = path
            self.handle = handle
            return
        }
        throw RegistryError(.unavailable, "No folder beside \(target) stays there: another program removes them.")
    }

    deinit {
        remove()
    }

    /// Removes it with all that is in it.
    func remove() {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Takes the lock of a folder; true when nobody else has it and the path still names that folder.
    private static func isLocked(_ handle: FolderHandle, at path: String) -> Bool {
        var (held, named) = (stat(), stat())
        return flock(handle.descriptor, LOCK_EX | LOCK_NB) == 0 && fstat(handle.descriptor, &held) == 0
            && lstat(path, &named) == 0 && held.st_ino == named.st_ino && held.st_dev == named.st_dev
    }

    /// Removes those of programs that are gone: nobody holds their locks.
    private static func clear(_ above: String, _ prefix: String) throws {
        for name in try LayoutFolder.names(in: above) where name.hasPrefix(prefix) {
            let path = "\(above)\(name)"
            guard let handle = FolderHandle(path), isLocked(handle, at: path) else { continue }
            try? FileManager.default.removeItem(atPath: path)
        }
    }
}
