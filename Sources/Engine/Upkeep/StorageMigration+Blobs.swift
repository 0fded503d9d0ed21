import BlobStorage
import Hashing
import Metadata
import NIOCore
import OCI

extension StorageMigration {
    /// How much of a blob is held at once.
    private static let chunkByteCount = 1 << 20

    /// What has become of the blobs.
    struct Moved: Sendable {
        /// How many had come with an earlier run.
        var countBefore: Int64 = 0
        /// How many were left behind.
        var leftCount = 0
        /// The keys of these.
        var left: Set<BlobKey> = []

        mutating func add(_ outcome: Outcome) {
            guard case .damaged(let key) = outcome else { return }
            leftCount += 1
            if let key { left.insert(key) }
        }
    }

    /// What has become of a blob.
    enum Outcome: Sendable {
        case moved
        case damaged(BlobKey?)
    }

    /// Moves every blob that has not come yet.
    ///
    /// Both tables are gone through side by side: what the new one alone has is of an old installation that has changed
    /// since an earlier run, and goes.
    func moveBlobs(isResumed: Bool) async throws -> Moved {
        guard let table = BlobTable() else {
            throw StorageMigrationError(.unfit, "The table of the blobs has other columns than this command knows.")
        }
        var (old, new) = (RowCursor(table.table, in: source.facts), RowCursor(table.table, in: target.facts))
        var (moved, hasChanged) = (Moved(), false)
        try await withThrowingTaskGroup(of: Outcome.self) { group in
            var activeCount = 0
            while true {
                let (coming, there) = (try await old.peek(), try await new.peek())
                guard coming != nil || there != nil else { break }
                if let coming, let there, [coming].areSame(as: [there]) {
                    moved.countBefore += 1
                    observer.finished(byteCount: table.byteCount(of: coming), wasThere: true)
                    _ = (try await old.next(), try await new.next())
                } else if let there, coming.map({ !table.key($0).precedes(table.key(there)) }) ?? true {
                    // The rows that name it go first.
                    if !hasChanged { try await wipeFacts() }
                    hasChanged = true
                    try await remove(table, there)
                    _ = try await new.next()
                } else if let coming = try await old.next() {
                    if activeCount == parallel, let outcome = try await group.next() {
                        moved.add(outcome)
                        activeCount -= 1
                    }
                    activeCount += 1
                    group.addTask { try await move(table, coming, isResumed: isResumed) }
                }
            }
            for try await outcome in group { moved.add(outcome) }
        }
        if isResumed {
            for key in try await target.blobs.uploads(without: target.facts) {
                try await target.blobs.discard(key, ledger: nil)
            }
        }
        guard moved.leftCount == 0 || leavesDamaged else { throw Self.damaged(moved.leftCount) }
        return moved
    }

    static func damaged(_ count: Int) -> StorageMigrationError {
        StorageMigrationError(
            .damaged,
            "\(count) blobs of the old installation are damaged or missing; all others have come. See with "
                + "`wharf storage verify` which images need them. At the old server delete these with their blobs, "
                + "push them again, so that the bytes are there anew, and run the same command again; or leave them "
                + "behind with --leave-damaged."
        )
    }

    /// Removes a blob that the old installation does not have, or no longer under this key; then its row.
    private func remove(_ table: BlobTable, _ row: [SQLValue]) async throws {
        if let blob = table.blob(row) { try await target.blobs.remove(blob.key, digest: blob.digest) }
        try await target.facts.write { try $0.removeRow(row, of: table.table) }
    }

    /// Moves the bytes of one blob, and then its row; of one that is left behind, the row alone.
    @concurrent
    private func move(_ table: BlobTable, _ row: [SQLValue], isResumed: Bool) async throws -> Outcome {
        let blob = table.blob(row)
        let damage =
            if let blob {
                try await bring(blob, isResumed: isResumed)
            } else {
                "a row of the table blob cannot be read: \(row)"
            }
        if let damage {
            observer.found(damage)
            guard leavesDamaged else { return .damaged(blob?.key) }
        }
        try await target.facts.write { try $0.insert([row], into: table.table) }
        guard damage == nil else { return .damaged(blob?.key) }
        observer.finished(byteCount: table.byteCount(of: row), wasThere: false)
        return .moved
    }

    /// Moves the bytes of one blob; returns what is wrong with it in the old installation.
    func bring(_ blob: BlobTable.Blob, isResumed: Bool) async throws -> String? {
        do {
            let stored = try await SourceFault.naming { try await source.blobs.open(blob.key, digest: blob.digest) }
            guard stored.byteCount == blob.byteCount else {
                return "blob \(blob.digest) has \(stored.byteCount) bytes in place of \(blob.byteCount)"
            }
            // A bucket takes it in parts, for which this machine's disk need not have room for all.
            try await target.blobs.admit(byteCount: 0)
            if isResumed { try await target.blobs.discard(blob.key, ledger: nil) }
            try await write(stored, blob)
        } catch let fault as SourceFault {
            return "blob \(blob.digest) (key \(blob.key)): \(fault.sentence)"
        } catch let error as BlobStoreError where error.code == .digestMismatch {
            try await target.blobs.discard(blob.key, ledger: nil)
            return "blob \(blob.digest) has other bytes: \(error.message)"
        }
        return nil
    }

    private func write(_ stored: StoredBlob, _ blob: BlobTable.Blob) async throws {
        var state = UploadState.start(blob.digest.algorithm)
        var reader = try await BlobReader(stored)
        var rest: [ByteBuffer] = []
        while let chunk = try await reader.next(upTo: Self.chunkByteCount) {
            if !rest.isEmpty { state = try await target.blobs.append(rest, to: blob.key, at: state) }
            rest = chunk
            observer.moved(byteCount: chunk.reduce(0) { $0 + Int64($1.readableBytes) })
        }
        _ = try await target.blobs.finish(blob.key, appending: rest, at: state, expecting: blob.digest)
    }
}

/// The table of the blobs, as far as their bytes are found by it.
struct BlobTable: Sendable {
    /// What a row says of where the bytes are.
    struct Blob: Sendable {
        var digest: Digest
        var key: BlobKey
        var byteCount: Int64
    }

    let table: FactTable
    private let digestAt: Int
    private let keyAt: Int
    private let sizeAt: Int

    /// Nil when the schema has no such table any longer.
    init?() {
        guard let table = FactTable.all.first(where: \.isOfBlobs), let digestAt = table.place(of: "digest"),
            let keyAt = table.place(of: "storage_key"), let sizeAt = table.place(of: "byte_count")
        else { return nil }
        (self.table, self.digestAt, self.keyAt, self.sizeAt) = (table, digestAt, keyAt, sizeAt)
    }

    /// The values by which a row is found.
    func key(_ row: [SQLValue]) -> [SQLValue] {
        table.key(of: row)
    }

    /// The size that a row says; 0 where it says none.
    func byteCount(of row: [SQLValue]) -> Int64 {
        if case .integer(let count) = row[sizeAt] { count } else { 0 }
    }

    /// What a row says; nil when it cannot be read.
    func blob(_ row: [SQLValue]) -> Blob? {
        guard case .text(let digestText) = row[digestAt], case .text(let keyText) = row[keyAt],
            case .integer(let byteCount) = row[sizeAt], let digest = try? Digest(digestText),
            let key = BlobKey(keyText)
        else { return nil }
        return Blob(digest: digest, key: key, byteCount: byteCount)
    }
}

/// Why the bytes of a blob cannot be read where they are.
private struct SourceFault: Error {
    let sentence: String

    /// Runs `body`, and tells bytes that are missing there from those that the new store misses.
    static func naming<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as BlobStoreError where error.code == .notFound {
            throw SourceFault(sentence: "its bytes are missing")
        }
    }
}

/// Reads a stored blob from its first byte to its last.
private struct BlobReader {
    private enum Place {
        case bytes(ByteBuffer)
        case file(OpenFile)
        case remote(any RemoteBytes)
    }

    private let place: Place
    private let byteCount: Int64
    private var offset: Int64 = 0

    init(_ stored: StoredBlob) async throws {
        byteCount = stored.byteCount
        place =
            switch stored.content {
            case .bytes(let bytes): .bytes(bytes)
            case .file(let file): .file(file)
            case .remote(let blob):
                .remote(try await SourceFault.naming { try await blob.read(0..<stored.byteCount) })
            }
    }

    /// The next bytes; nil behind the last.
    mutating func next(upTo limit: Int) async throws -> [ByteBuffer]? {
        try Task.checkCancellation()
        guard offset < byteCount else { return nil }
        let chunk: [ByteBuffer]
        switch place {
        case .bytes(let bytes): chunk = [bytes]
        case .file(let file):
            do {
                chunk = [try file.bytes(at: offset, byteCount: min(limit, Int(clamping: byteCount - offset)))]
            } catch {
                throw SourceFault(sentence: "its bytes cannot be read: \(error)")
            }
        case .remote(let bytes):
            guard let some = try await bytes.next(upTo: limit) else {
                throw SourceFault(sentence: "its bytes end at \(offset) of \(byteCount)")
            }
            chunk = some
        }
        offset += chunk.reduce(0) { $0 + Int64($1.readableBytes) }
        return chunk
    }
}
