import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Where log lines go: one whole line at a time, from any thread.
public struct LogSink: Sendable {
    /// Takes a line that ends in a line feed.
    public let write: @Sendable (String) -> Void

    /// A sink that hands each line to `write`, which may be called from many threads at once.
    public init(write: @escaping @Sendable (String) -> Void) {
        self.write = write
    }

    /// The standard error stream, without a buffer: a line that was logged before a crash is there after it.
    public static let standardError = descriptor(STDERR_FILENO)

    /// Writes to an open file descriptor, one line after the other.
    ///
    /// Lines that cannot be written (a closed pipe, a full disk) are dropped: logging must not stop the server.
    public static func descriptor(_ descriptor: Int32) -> LogSink {
        let turn = LineTurn()
        return LogSink { line in turn.put(line, to: descriptor) }
    }

    /// Whether someone reads the standard error stream on a terminal.
    public static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }
}

/// Lets one line be written at a time, so that parts of two lines are never mixed.
private final class LineTurn: Sendable {
    private let turn = Mutex<Void>(())

    func put(_ line: String, to descriptor: Int32) {
        let bytes = Array(line.utf8)
        turn.withLock { _ in
            bytes.withUnsafeBytes { bytes in
                var rest = bytes[...]
                while !rest.isEmpty {
                    let part = UnsafeRawBufferPointer(rebasing: rest)
                    let written = write(descriptor, part.baseAddress, part.count)
                    if written < 0, errno == EINTR { continue }
                    guard written > 0 else { return }
                    rest = rest.dropFirst(written)
                }
            }
        }
    }
}
