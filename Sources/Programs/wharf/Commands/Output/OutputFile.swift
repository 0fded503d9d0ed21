import Foundation
import NIOCore
import RegistryContract

/// A file that a command writes: it has its name only when it is whole.
enum OutputFile {
    /// Writes what a stream brings to a file, or to standard output where the path is `-`.
    static func write(_ stream: any ByteStream, to path: String) async throws {
        guard path != "-" else { return try await write(stream, to: .standardOutput) }
        let part = "\(path).part-\(getpid())"
        guard FileManager.default.createFile(atPath: part, contents: nil) else {
            throw Failure(description: "\(path) cannot be written: look whether its folder is there and writable.")
        }
        do {
            let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: part))
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
