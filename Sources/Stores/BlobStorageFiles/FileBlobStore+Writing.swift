import BlobStorage
import Hashing
import NIOCore
import OCI

// What the calls that write do, on a thread that may block.
extension FileBlobStore {
    /// As much as is hashed and then written while it is still in the processor's second cache.
    private static var stride: Int { 256 << 10 }

    func appendNow(
        _ bytes: [ByteBuffer],
        to key: BlobKey,
        at offset: Int64,
        hash: ContentHash
    ) throws -> ContentHash {
        let (file, _) = try openUpload(key, holding: offset)
        defer { calls.close(file) }
        return try write(bytes, to: file, at: offset, hash)
    }

    func flushNow(_ key: BlobKey, byteCount: Int64) throws {
        let (file, _) = try openUpload(key, holding: byteCount)
        defer { calls.close(file) }
        try synchronize(dropping: file.path) {
            try calls.synchronize(file)
            try calls.synchronizeFolder(layout.uploadFolder(key))
        }
    }

    func rehashNow(_ key: BlobKey, _ before: ContentHash, upTo end: Int64) throws -> ContentHash {
        let (file, _) = try openUpload(key, holding: end)
        defer { calls.close(file) }
        var hash = before
        try withUnsafeTemporaryAllocation(byteCount: Self.stride, alignment: 16) { buffer in
            while hash.byteCount < end {
                let wanted = min(Int(end - hash.byteCount), buffer.count)
                let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted])
                let count = try calls.read(into: piece, from: file, at: hash.byteCount)
                guard count > 0 else { throw truncated(key, end) }
                hash.update(UnsafeRawBufferPointer(rebasing: piece[..<count]))
            }
        }
        return hash
    }

    func finishNow(
        _ key: BlobKey,
        appending bytes: [ByteBuffer],
        at offset: Int64,
        hash: ContentHash,
        expecting digest: Digest
    ) throws -> Int64 {
        guard let (file, found) = try openUploadIfPresent(key, holding: offset) else {
            return try finishAgain(key, appending: bytes, hash: hash, expecting: digest)
        }
        defer { calls.close(file) }
        let actual = try write(bytes, to: file, at: offset, hash).digest()
        guard actual == digest else { throw mismatch(digest, actual) }
        let size = bytes.reduce(offset) { $0 + Int64($1.readableBytes) }
        if found > size { try calls.truncate(file, to: size) }
        try synchronize(dropping: file.path) { try calls.synchronize(file) }
        let folder = layout.blobFolder(digest)
        try prepared.prepare(folder, calls)
        let destination = layout.blob(key, digest)
        try calls.rename(file.path, to: destination)
        try synchronize(dropping: destination) { try calls.synchronizeFolder(folder) }
        return size
    }

    /// Answers for an upload that is finished already: its caller was stopped before it could record that.
    private func finishAgain(
        _ key: BlobKey,
        appending bytes: [ByteBuffer],
        hash: ContentHash,
        expecting digest: Digest
    ) throws -> Int64 {
        let size = try calls.status(at: layout.blob(key, digest)).byteCount
        var hash = hash
        for buffer in bytes { buffer.withUnsafeReadableBytes { hash.update($0) } }
        guard hash.digest() == digest else { throw mismatch(digest, hash.digest()) }
        try calls.synchronizeFolder(layout.blobFolder(digest))
        return size
    }

    private func openUploadIfPresent(
        _ key: BlobKey,
        holding byteCount: Int64
    ) throws -> (OpenedFile, byteCount: Int64)? {
        do {
            return try openUpload(key, holding: byteCount)
        } catch let error as SystemCallError where error.isMissing {
            return nil
        }
    }

    /// Opens an upload that has at least `byteCount` bytes; one that needs to have none is made.
    private func openUpload(_ key: BlobKey, holding byteCount: Int64) throws -> (OpenedFile, byteCount: Int64) {
        if byteCount == 0 { try prepared.prepare(layout.uploadFolder(key), calls) }
        let file = try calls.open(layout.upload(key), for: byteCount == 0 ? .creating : .writing)
        do {
            let found = try calls.status(of: file).byteCount
            guard found >= byteCount else { throw truncated(key, byteCount) }
            return (file, found)
        } catch {
            calls.close(file)
            throw error
        }
    }

    private func write(
        _ bytes: [ByteBuffer],
        to file: OpenedFile,
        at offset: Int64,
        _ before: ContentHash
    ) throws -> ContentHash {
        var hash = before
        var offset = offset
        for buffer in bytes {
            try buffer.withUnsafeReadableBytes { all in
                for start in Swift.stride(from: 0, to: all.count, by: Self.stride) {
                    let end = min(start + Self.stride, all.count)
                    let piece = UnsafeRawBufferPointer(rebasing: all[start..<end])
                    hash.update(piece)
                    try calls.writeAll(piece, to: file, at: offset)
                    offset += Int64(piece.count)
                }
            }
        }
        return hash
    }

    /// Runs `body`; when it fails, removes the file that it was to make durable.
    ///
    /// The type's comment says why.
    private func synchronize(dropping path: String, _ body: () throws -> Void) throws {
        do {
            try body()
        } catch {
            try? calls.unlink(path)
            throw error
        }
    }

    private func truncated(_ key: BlobKey, _ byteCount: Int64) -> BlobStoreError {
        BlobStoreError(.truncated, "The upload \(key) has fewer than the \(byteCount) bytes that were recorded for it.")
    }

    private func mismatch(_ digest: Digest, _ actual: Digest) -> BlobStoreError {
        BlobStoreError(.digestMismatch, "The bytes have the digest \(actual), not \(digest).", actual: actual)
    }
}
