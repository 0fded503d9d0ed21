import Foundation
import NIOCore
import RegistryContract

/// A file that a command writes: it has its name only when it is whole.
enum OutputFile {
    /// Writes what a stream brings to a file, or to standard output where the path is `-`.
    static func write(_ stream: any ByteStream, to path: String) async throws {
        guard path != "-" else { return try await write(stream, to: .standardOutput) }
        // Nobody can have put a link there for us to write through: the name is new, and cannot be guessed.
        let part = "\(path).part-\(String(UInt64.random(in: .min ... .max), radix: 36))"
        let descriptor = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o666)
        guard descriptor >= 0 else {
            throw Failure(description: "\(path) cannot be written: look whether its folder is there and writable.")
        }
        do {
            let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
            defer { try? handle.close() }
            try await write(stream, to: handle)
            guard rename(part, path) == 0 else { throw failure(path) }
        } catch {
            try? FileManager.default.removeItem(atPath: part)
            throw error
        }
    }

    private static func write(_ stream: any ByteStream, to handle: FileHandle) async throws {
        while let chunks = try await stream.next(upTo: stream.batchByteCount) {
            for chunk in chunks {
                try chunk.withUnsafeReadableBytes { bytes in
                    try write(bytes, to: handle.fileDescriptor)
                }
            }
        }
    }

    private static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: CInt) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Foundation.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure("The output") }
            rest = rest.dropFirst(count)
        }
    }

    private static func failure(_ what: String) -> Failure {
        Failure(description: "\(what) cannot be written: \(String(cString: strerror(errno))).")
    }
}
