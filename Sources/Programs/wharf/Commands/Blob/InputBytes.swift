import Foundation
import Hashing
import NIOCore
import OCI
import RegistryContract
import Synchronization

/// The bytes of a file or of standard input, hashed as they are read.
final class InputBytes: ByteStream {
    private let handle: FileHandle
    private let path: String
    private let hash = Mutex(ContentHash(.sha256))

    /// Opens a file; `-` is standard input.
    init(path: String) throws {
        self.path = path
        if path == "-" {
            handle = .standardInput
        } else {
            do {
                handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            } catch {
                throw Failure(description: "\(path) cannot be read: look whether it is there, and readable by you.")
            }
        }
    }

    /// Not known: a file may grow.
    var declaredByteCount: Int64? { nil }
    /// A megabyte.
    var batchByteCount: Int { 1 << 20 }

    /// What was read has this digest.
    var digest: Digest { hash.withLock { $0.digest() } }
    /// So many bytes were read.
    var byteCount: Int64 { hash.withLock { $0.byteCount } }

    func next(upTo byteCount: Int) async throws -> [ByteBuffer]? {
        let handle = handle
        let data = try await Blocking.run { try handle.read(upToCount: byteCount) }
        guard let data, !data.isEmpty else { return nil }
        hash.withLock { hash in data.withUnsafeBytes { hash.update($0) } }
        return [ByteBuffer(bytes: data)]
    }
}
