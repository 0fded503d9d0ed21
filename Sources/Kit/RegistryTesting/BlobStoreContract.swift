public import BlobStorage
import Glibc
import NIOCore

/// What every ``BlobStore`` promises, beside its durability, which needs a disk that can lose power.
public enum BlobStoreContract {
    /// A promise of a store, which is checked on an empty one.
    public typealias Rule = ContractRule<any BlobStore>

    /// Every promise.
    public static let rules: [Rule] = uploading + finishing + reading + listing
}

extension StoredBlob {
    /// All the bytes, read at once: for small blobs in tests.
    public func allBytes() async throws -> [UInt8] {
        switch content {
        case .bytes(let buffer):
            return Array(buffer.readableBytesView)
        case .file(let file):
            var bytes = [UInt8](repeating: 0, count: Int(byteCount))
            var done = 0
            while done < bytes.count {
                let count = bytes.withUnsafeMutableBytes { all in
                    let rest = UnsafeMutableRawBufferPointer(rebasing: all[done...])
                    return pread(file.descriptor, rest.baseAddress, rest.count, off_t(done))
                }
                try demand(count > 0, "only \(done) of \(bytes.count) bytes can be read")
                done += count
            }
            return bytes
        case .remote(let blob):
            var bytes: [UInt8] = []
            let part = try await blob.read(0..<byteCount)
            while let chunks = try await part.next(upTo: 64 << 10) {
                for chunk in chunks { bytes += chunk.readableBytesView }
            }
            return bytes
        }
    }
}

/// Throws unless `body` throws a ``BlobStoreError`` of `code`; returns the error.
@discardableResult
func demandRefusal(
    _ code: BlobStoreError.Code,
    _ what: String,
    file: StaticString = #fileID,
    line: UInt = #line,
    _ body: () async throws -> Void
) async throws -> BlobStoreError {
    do {
        try await body()
    } catch let error as BlobStoreError {
        try demandEqual(error.code, code, "the error of \(what)", file: file, line: line)
        return error
    }
    throw ContractViolation("\(what) was not refused with \(code)", file, line)
}
