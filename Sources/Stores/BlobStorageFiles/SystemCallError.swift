import Glibc

/// A system call that failed.
public struct SystemCallError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The name of the call, as in the manual's section 2.
    public var call: String
    /// The path that it was made for.
    public var path: String
    /// The error number, as in errno(3).
    public var number: CInt

    /// Describes a failed call.
    public init(_ call: StaticString, _ path: String, _ number: CInt) {
        self.call = call.description
        self.path = path
        self.number = number
    }

    /// The call, the path, and the system's words for the number.
    public var description: String {
        "\(call) \(path): \(reason)"
    }

    /// The system's words for the number.
    public var reason: String {
        strerror(number).map { String(cString: $0) } ?? "error \(number)"
    }

    /// Whether the file is not there.
    public var isMissing: Bool { number == ENOENT }

    /// Whether the file is there already.
    public var isExisting: Bool { number == EEXIST }

    /// Whether a part of the path is there but is no folder.
    public var isNotFolder: Bool { number == ENOTDIR }

    /// Whether there is no room left, on the disk or in the quota.
    public var isFull: Bool { number == ENOSPC || number == EDQUOT }

    /// Whether the process or the machine has too few descriptors, or too little memory.
    public var isShortage: Bool { number == EMFILE || number == ENFILE || number == ENOMEM }

    /// Whether the place may not be written at all: it is read-only, or somebody else's.
    public var isForbidden: Bool { number == EROFS || number == EACCES || number == EPERM }
}
