import BlobStorage
import Hashing
import Metadata
import OCI

extension StorageMigration {
    /// Compares every table on both sides: how many rows there are, a hash over all of them in the order of their keys,
    /// and the number that comes next.
    func compareTables() async throws -> [Report.Table] {
        var tables: [Report.Table] = []
        for table in FactTable.all where !table.isOfUploads {
            let (old, new) = (try await sum(of: table, in: source.facts), try await sum(of: table, in: target.facts))
            guard old == new else {
                throw StorageMigrationError(
                    .unequal,
                    "The table \(table.name) is not the same on both sides: \(old.rowCount) rows in the old database, "
                        + "\(new.rowCount) in the new one. Nothing is served from this; run the same command again, "
                        + "and report it if it says so again."
                )
            }
            tables.append(Report.Table(name: table.name, rowCount: old.rowCount))
            observer.moved(rowCount: old.rowCount)
        }
        return tables
    }

    private struct Sum: Equatable {
        var rowCount = 0
        var hash = ContentHash(.sha256).digest()
        var lastNumber: Int64 = 0
    }

    private func sum(of table: FactTable, in facts: FactStore) async throws -> Sum {
        var (sum, hash) = (Sum(), ContentHash(.sha256))
        var cursor = RowCursor(table, in: facts)
        while let row = try await cursor.next() {
            sum.rowCount += 1
            hash.update(row.flatMap(\.encoded))
        }
        sum.hash = hash.digest()
        if table.isNumbered { sum.lastNumber = try await facts.read { try $0.lastNumber(of: table) } }
        return sum
    }

    /// Opens each blob that the new facts name, and compares its size; how many have no bytes but those `left` already.
    ///
    /// An earlier run may have left some behind, too: these are brought, if they have been mended since.
    func openBlobs(but left: Set<BlobKey>, isResumed: Bool) async throws -> Int {
        guard let table = BlobTable() else { return 0 }
        var cursor = RowCursor(table.table, in: target.facts)
        return try await withThrowingTaskGroup(of: Bool.self) { group in
            var (activeCount, missingCount) = (0, 0)
            while let row = try await cursor.next() {
                guard let blob = table.blob(row), !left.contains(blob.key) else { continue }
                if activeCount == parallel, let isThere = try await group.next() {
                    if !isThere { missingCount += 1 }
                    activeCount -= 1
                }
                activeCount += 1
                group.addTask { try await isThere(blob, isResumed: isResumed) }
            }
            for try await isThere in group where !isThere { missingCount += 1 }
            guard missingCount == 0 || leavesDamaged else { throw Self.damaged(missingCount) }
            return missingCount
        }
    }

    private func isThere(_ blob: BlobTable.Blob, isResumed: Bool) async throws -> Bool {
        do {
            let stored = try await target.blobs.open(blob.key, digest: blob.digest)
            guard stored.byteCount == blob.byteCount else {
                throw StorageMigrationError(
                    .unequal,
                    "Blob \(blob.digest) has \(stored.byteCount) bytes in the new blob store, and should have "
                        + "\(blob.byteCount)."
                )
            }
            return true
        } catch let error as BlobStoreError where error.code == .notFound && isResumed {
            guard let damage = try await bring(blob, isResumed: true) else { return true }
            observer.found(damage)
            return false
        }
    }
}

extension SQLValue {
    /// The value as bytes that no other value has: its kind, its length, itself.
    var encoded: [UInt8] {
        switch self {
        case .null: return [0]
        case .integer(let number): return [1] + Self.bytes(of: number)
        case .text(let text): return [2] + Self.bytes(of: Int64(text.utf8.count)) + text.utf8
        case .blob(let bytes): return [3] + Self.bytes(of: Int64(bytes.count)) + bytes
        }
    }

    private static func bytes(of number: Int64) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian) { Array($0) }
    }
}

extension [[SQLValue]] {
    /// Whether rows are the same to the byte: texts that look alike need not be.
    func areSame(as others: [[SQLValue]]) -> Bool {
        count == others.count && zip(self, others).allSatisfy { $0.flatMap(\.encoded) == $1.flatMap(\.encoded) }
    }
}
