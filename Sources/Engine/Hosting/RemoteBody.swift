import BlobStorage
import NIOCore
import RegistryContract

/// A part of a blob that comes from elsewhere, as the body of an answer.
struct RemoteBody: ByteStream {
    let declaredByteCount: Int64?
    private let bytes: any RemoteBytes

    init(_ bytes: any RemoteBytes, byteCount: Int64) {
        self.bytes = bytes
        declaredByteCount = byteCount
    }

    var batchByteCount: Int { 256 << 10 }

    func next(upTo byteCount: Int) async throws -> [ByteBuffer]? {
        try await bytes.next(upTo: byteCount)
    }
}

extension RemoteBlob {
    /// All bytes of a small blob.
    func wholeBytes(byteCount: Int64) async throws -> ByteBuffer {
        var whole = ByteBuffer()
        guard byteCount > 0 else { return whole }
        let part = try await read(0..<byteCount)
        while let chunks = try await part.next(upTo: Int(byteCount)) {
            for var chunk in chunks { whole.writeBuffer(&chunk) }
        }
        guard whole.readableBytes == byteCount else {
            throw BlobStoreError(.truncated, "a blob of \(byteCount) bytes came with \(whole.readableBytes)")
        }
        return whole
    }
}
