public import BlobStorage

extension S3BlobStore {
    /// How many blobs are asked for at once whether they are there.
    private static let asksMax = 32

    /// Asks for each name, and removes the bytes and then the names of a thousand with one request each.
    ///
    /// A key alone would remove whatever is under it: so it is asked first whether its bytes have this digest.
    public func remove(_ blobs: [FinishedBlob]) async throws -> [BlobRemovalFailure] {
        guard isBatching else { return try await removeOneByOne(blobs) }
        return try await telling { () async throws -> [BlobRemovalFailure] in
            var failures: [BlobRemovalFailure] = []
            for start in stride(from: 0, to: blobs.count, by: S3Limits.deletedMax) {
                try Task.checkCancellation()
                let some = blobs[start..<min(start + S3Limits.deletedMax, blobs.count)]
                let named = try await named(some)
                failures += try await removeOneByOne(some.filter { !named.contains($0) })
                failures += try await removeTogether(some.filter(named.contains))
            }
            return failures
        }
    }

    /// The blobs whose names are there, by key, digest and size; of others a look for other sizes has to tell.
    private func named(_ blobs: some Sequence<FinishedBlob>) async throws -> Set<FinishedBlob> {
        try await withThrowingTaskGroup(of: FinishedBlob?.self) { group in
            var (found, activeCount): (Set<FinishedBlob>, Int) = ([], 0)
            for blob in blobs {
                if activeCount == Self.asksMax, let answer = try await group.next() {
                    if let answer { found.insert(answer) }
                    activeCount -= 1
                }
                activeCount += 1
                group.addTask { try await hasName(blob) ? blob : nil }
            }
            for try await case let answer? in group { found.insert(answer) }
            return found
        }
    }

    private func hasName(_ blob: FinishedBlob) async throws -> Bool {
        do {
            _ = try await client.head(S3BlobLayout.digest(blob.digest, blob.key, byteCount: blob.byteCount))
            return true
        } catch let error as S3Error where error.code == .noSuchKey {
            return false
        } catch let error as S3Error where [.denied, .refused, .notUnderstood].contains(error.code) {
            // One that cannot be asked about keeps no other from being removed: looked at alone, it is told.
            return false
        }
    }

    private func removeTogether(_ blobs: [FinishedBlob]) async throws -> [BlobRemovalFailure] {
        let unremoved = try await failures(of: blobs) { S3BlobLayout.blob($0.key) }
        let kept = Set(unremoved.map(\.blob))
        let gone = blobs.filter { !kept.contains($0) }
        for blob in gone { verified.forget(S3BlobLayout.digestStart(blob.digest, blob.key)) }
        return try await unremoved
            + failures(of: gone) { S3BlobLayout.digest($0.digest, $0.key, byteCount: $0.byteCount) }
    }

    /// Removes an object of each blob; returns those of which it stays.
    private func failures(
        of blobs: [FinishedBlob],
        _ name: (FinishedBlob) -> String
    ) async throws -> [BlobRemovalFailure] {
        let failed = try await client.delete(blobs.map(name))
        guard !failed.isEmpty else { return [] }
        let errors = Dictionary(failed.map { ($0.key, $0.error) }) { first, _ in first }
        return blobs.compactMap { blob in
            errors[name(blob)].map { BlobRemovalFailure(blob: blob, error: $0.asStoreError) }
        }
    }

    /// Removes objects of this store, whatever they are; throws when one of them stays.
    func delete(_ names: [String]) async throws {
        guard isBatching, names.count > 1 else {
            for name in names { try await client.delete(name) }
            return
        }
        for start in stride(from: 0, to: names.count, by: S3Limits.deletedMax) {
            let some = names[start..<min(start + S3Limits.deletedMax, names.count)]
            if let failure = try await client.delete(Array(some)).first { throw failure.error }
        }
    }
}
