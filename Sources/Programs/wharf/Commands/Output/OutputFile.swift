import Foundation
import NIOCore
import RegistryContract

/// A file that a command writes: it has its name only when it is whole.
enum OutputFile {
    /// Writes what a stream brings to a file, or to standard output where the path is `-`.
    static func write(_ stream: any ByteStream, to path: String) async throws {
        guard path != "-" else { return try await write(stream, to: .standardOutput, named: "Standard output") }
        // Nobody can have put a link there for us to write through: the name is new, and cannot be guessed.
        let part = "\(path).part-\(String(UInt64.random(in: .min ... .max), radix: 36))"
        let descriptor = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o666)
        guard descriptor >= 0 else { throw failure(path) }
        do {
            let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
            defer { try? handle.close() }
            try await write(stream, to: handle, named: path)
            guard rename(part, path) == 0 else { throw failure(path) }
        } catch {
            try? FileManager.default.removeItem(atPath: part)
            throw error
        }
    }

    private static func write(_ stream: any ByteStream, to handle: FileHandle, named name: String) async throws {
        while let chunks = try await stream.next(upTo: stream.batchByteCount) {
            for chunk in chunks {
                try chunk.withUnsafeReadableBytes { bytes in
                    try write(bytes, to: handle.fileDescriptor, named: name)
                }
            }
        }
    }

    private static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: CInt, named name: String) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Foundation.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure(name) }
            rest = rest.dropFirst(count)
        }
    }

    private static func failure(_ name: String) -> Failure {
        let number = errno
        let reason = String(cString: strerror(number))
        let advice =
            switch number {
            case ENOSPC, EDQUOT: "Free some room and run the same again."
            default: "Look whether its folder is there and you may write to it."
            }
        return Failure(description: "\(name) cannot be written (\(reason)). \(advice)")
    }
}
