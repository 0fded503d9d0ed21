import Glibc

/// A file system in memory of its own, mounted on a temporary folder; it is unmounted when nobody holds it any longer.
public final class MountedFolder: Sendable {
    private let folder: TemporaryFolder

    /// The absolute path.
    public var path: String { folder.path }

    /// Mounts a file system that has room for `byteCount` bytes.
    ///
    /// Throws ``Failure`` when this process may not mount.
    public init(byteCount: Int) throws {
        folder = try TemporaryFolder()
        guard mount("none", folder.path, "tmpfs", 0, "size=\(byteCount)") == 0 else { throw Failure(number: errno) }
    }

    deinit {
        umount2(folder.path, CInt(MNT_DETACH))
    }

    /// Makes all of it read-only.
    public func makeReadOnly() throws {
        let flags = UInt(MS_REMOUNT | MS_RDONLY)
        guard mount("none", folder.path, "tmpfs", flags, nil) == 0 else { throw Failure(number: errno) }
    }

    /// Why nothing was mounted.
    public struct Failure: Error, CustomStringConvertible {
        /// What mount(2) reported.
        public var number: CInt

        /// The reason, and what it takes.
        public var description: String {
            "No file system can be mounted here: \(String(cString: strerror(number))). Run the tests as root, or in a "
                + "container that may mount (CAP_SYS_ADMIN)."
        }
    }

    /// Whether this process may mount: root outside of most containers.
    public static let isPossible = (try? MountedFolder(byteCount: 1 << 20)) != nil
}
