import Glibc
import RegistryTesting

/// A file system in memory of its own, mounted on a temporary folder; it is unmounted when nobody holds it any longer.
final class MountedFolder: Sendable {
    let folder: TemporaryFolder
    var path: String { folder.path }

    /// Throws when this process may not mount.
    init(byteCount: Int) throws {
        folder = try TemporaryFolder()
        guard mount("none", folder.path, "tmpfs", 0, "size=\(byteCount)") == 0 else { throw Failure(number: errno) }
    }

    deinit {
        umount2(folder.path, CInt(MNT_DETACH))
    }

    /// Makes all of it read-only.
    func makeReadOnly() throws {
        let flags = UInt(MS_REMOUNT | MS_RDONLY)
        guard mount("none", folder.path, "tmpfs", flags, nil) == 0 else { throw Failure(number: errno) }
    }

    struct Failure: Error {
        var number: CInt
    }

    /// Whether this process may mount: root outside of most containers.
    static let isPossible = (try? MountedFolder(byteCount: 1 << 20)) != nil
}
