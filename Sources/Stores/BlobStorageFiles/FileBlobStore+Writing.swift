import BlobStorage
import Hashing
import NIOCore
import OCI

// What the calls that write do, on a thread that may block.
extension FileBlobStore {
    /// As much as is hashed and then written while it is still in the processor's second cache.
    private static var stride: Int { 256 << 10 }
    /// How many buffers are written with one call.
    private static var piecesMax: Int { 64 }

    func appendNow(_ bytes: [ByteBuffer], to key: BlobKey, at state: UploadState) throws -> UploadState {
        let (file, _) = try openUpload(key, holding: state.offset)
        defer { calls.close(file) }
        let hash = try writeAndHash(bytes, to: file, at: state.offset, state.hash)
        return UploadState(offset: bytes.reduce(state.offset) { $0 + Int64($1.readableBytes) }, hash: hash)
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
        at state: UploadState,
        expecting digest: Digest
    ) throws -> Int64 {
        let (offset, hash) = (state.offset, state.hash)
        guard let (file, found) = try openUploadIfPresent(key, holding: offset) else {
            return offset == 0
                ? try finishAtOnce(key, bytes, hash: hash, expecting: digest)
                : try finishAgain(key, appending: bytes, hash: hash, expecting: digest)
        }
        defer { calls.close(file) }
        let actual = try writeAndHash(bytes, to: file, at: offset, hash).digest()
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

    /// Makes a blob of bytes that are all here, under its final name from the start.
    ///
    /// Nothing else uses the key, so nothing can see the file before it is whole; a crash leaves one that no fact
    /// names. Without the detour over an upload and its rename, file and entry become durable in one go: half the
    /// cost.
    private func finishAtOnce(
        _ key: BlobKey,
        _ bytes: [ByteBuffer],
        hash: ContentHash,
        expecting digest: Digest
    ) throws -> Int64 {
        let actual = hashed(hash, bytes).digest()
        guard actual == digest else { throw mismatch(digest, actual) }
        let folder = layout.blobFolder(digest)
        try prepared.prepare(folder, calls)
        let path = layout.blob(key, digest)
        let size = bytes.reduce(0) { $0 + Int64($1.readableBytes) }
        // What a finish before this one, or a broken attempt at it, has left is written anew but never dropped.
        let found = try calls.statusIfPresent(at: path)?.byteCount
        try synchronize(dropping: found == nil ? path : nil) {
            let file = try calls.open(path, for: .creating)
            defer { calls.close(file) }
            try write(bytes, to: file, at: 0)
            if let found, found > size { try calls.truncate(file, to: size) }
            try calls.synchronize(file)
            try calls.synchronizeFolder(folder)
        }
        return size
    }

    /// Answers for an upload that is finished already: its caller was stopped before it could record that.
    ///
    /// It had bytes before its last ones, so its file was renamed, and is whole.
    private func finishAgain(
        _ key: BlobKey,
        appending bytes: [ByteBuffer],
        hash: ContentHash,
        expecting digest: Digest
    ) throws -> Int64 {
        let size = try calls.status(at: layout.blob(key, digest)).byteCount
        let actual = hashed(hash, bytes).digest()
        guard actual == digest else { throw mismatch(digest, actual) }
        try calls.synchronizeFolder(layout.blobFolder(digest))
        return size
    }

    private func hashed(_ before: ContentHash, _ bytes: [ByteBuffer]) -> ContentHash {
        var hash = before
        for buffer in bytes { buffer.withUnsafeReadableBytes { hash.update($0) } }
        return hash
    }

    private func openUploadIfPresent(
        _ key: BlobKey,
        holding byteCount: Int64
    ) throws -> (OpenedFile, byteCount: Int64)? {
        do {
            return try openUpload(key, holding: byteCount, making: false)
        } catch let error as SystemCallError where error.isMissing {
            return nil
        }
    }

    /// Opens an upload that has at least `byteCount` bytes; one that needs to have none is made.
    private func openUpload(
        _ key: BlobKey,
        holding byteCount: Int64,
        making: Bool = true
    ) throws -> (OpenedFile, byteCount: Int64) {
        let isMade = making && byteCount == 0
        if isMade { try prepared.prepare(layout.uploadFolder(key), calls) }
        let file = try calls.open(layout.upload(key), for: isMade ? .creating : .writing)
        do {
            let found = try calls.status(of: file).byteCount
            guard found >= byteCount else { throw truncated(key, byteCount) }
            return (file, found)
        } catch {
            calls.close(file)
            throw error
        }
    }

    private func writeAndHash(
        _ bytes: [ByteBuffer],
        to file: OpenedFile,
        at offset: Int64,
        _ before: ContentHash
    ) throws -> ContentHash {
        var hash = before
        try write(bytes, to: file, at: offset) { hash.update($0) }
        return hash
    }

    /// Writes a stride at a time, and shows each piece just before that.
    private func write(
        _ bytes: [ByteBuffer],
        to file: OpenedFile,
        at offset: Int64,
        _ look: (UnsafeRawBufferPointer) -> Void = { _ in }
    ) throws {
        var offset = offset
        var rest = bytes[...]
        while !rest.isEmpty {
            try Self.takeStride(&rest) { pieces in
                pieces.forEach(look)
                try calls.writeAll(pieces, to: file, at: offset)
                offset += pieces.reduce(0) { $0 + Int64($1.count) }
            }
        }
    }

    /// Takes buffers of about a stride together, or a stride of one that is larger, and shows their bytes.
    private static func takeStride(
        _ rest: inout ArraySlice<ByteBuffer>,
        _ body: ([UnsafeRawBufferPointer]) throws -> Void
    ) rethrows {
        if let first = rest.first, first.readableBytes > stride {
            let head = first.getSlice(at: first.readerIndex, length: stride)
            rest[rest.startIndex].moveReaderIndex(forwardBy: stride)
            try (head ?? ByteBuffer()).withUnsafeReadableBytes { bytes in try body([bytes]) }
            return
        }
        var byteCount = 0
        let group = rest.prefix(piecesMax).prefix { buffer in
            byteCount += buffer.readableBytes
            return byteCount <= stride
        }
        rest = rest[group.endIndex...]
        var pieces: [UnsafeRawBufferPointer] = []
        try withPieces(group, &pieces, body)
    }

    /// Shows the bytes of all buffers at once.
    private static func withPieces(
        _ buffers: ArraySlice<ByteBuffer>,
        _ pieces: inout [UnsafeRawBufferPointer],
        _ body: ([UnsafeRawBufferPointer]) throws -> Void
    ) rethrows {
        guard let first = buffers.first else { return try body(pieces) }
        try first.withUnsafeReadableBytes { bytes in
            pieces.append(bytes)
            try withPieces(buffers.dropFirst(), &pieces, body)
        }
    }

    /// Runs `body`; when it fails, removes the file that it was to make durable, if there is one to remove.
    ///
    /// The type's comment says why.
    private func synchronize(dropping path: String?, _ body: () throws -> Void) throws {
        do {
            try body()
        } catch {
            if let path { try? calls.unlink(path) }
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
