import BlobStorage
import Metadata
import OCI

/// Gives up uploads that nobody has gone on with: the rows first, then the bytes.
///
/// An upload whose bytes had become a blob when the process died, before the transaction that names it, leaves a blob
/// that no fact names. The row of the upload has its key: that is how such bytes are found. When it dies after the row
/// has gone and before the bytes have, the collection removes what is finished, which knows the key; and what is not
/// is found by comparing what the store holds with the rows.
public struct UploadSweep: Sendable {
    /// How many uploads are looked at before others get a turn at the database.
    private static let batchCount = 100

    private let facts: FactStore
    private let blobs: any BlobStore
    private let isActive: @Sendable (UploadFact) -> Bool

    /// Sweeps the uploads of one installation.
    ///
    /// - Parameters:
    ///   - facts: its facts.
    ///   - blobs: its bytes.
    ///   - isActive: whether a client is at work on an upload now: its bytes may come so slowly that the facts have not
    ///     heard of them for long.
    public init(
        facts: FactStore,
        blobs: any BlobStore,
        isActive: @escaping @Sendable (UploadFact) -> Bool = { _ in false }
    ) {
        self.facts = facts
        self.blobs = blobs
        self.isActive = isActive
    }

    /// Gives up what has not moved on since before a moment; returns how many uploads that were.
    ///
    /// Stops after the upload that it is at when its task is cancelled.
    public func run(before moment: Timestamp) async throws -> Int {
        var swept: Set<BlobKey> = []
        while !Task.isCancelled {
            let abandoned = try await facts.read { try $0.abandonedUploads(before: moment, limit: Self.batchCount) }
            guard !abandoned.isEmpty else { break }
            for upload in abandoned where !Task.isCancelled {
                guard !isActive(upload) else {
                    try await keep(upload, touchedAt: moment)
                    continue
                }
                let isOurs = try await facts.write { facts in
                    // It may have moved on, or ended, since it was listed.
                    guard let now = try facts.upload(upload.id, in: upload.repository), now == upload else {
                        return false
                    }
                    return try facts.deleteUpload(upload.id)
                }
                guard isOurs, let key = BlobKey(upload.key) else { continue }
                try await blobs.discard(key, ledger: upload.parts)
                swept.insert(key)
            }
        }
        let failure = swept.isEmpty ? nil : try await removeNameless(swept)
        if failure == nil { try await forget(swept) }
        try Task.checkCancellation()
        for key in try await blobs.uploads(without: facts) { try await blobs.discard(key, ledger: nil) }
        if let failure { throw failure.error }
        return swept.count
    }

    /// Notes that an upload has been at work at a moment, unless it has moved on since.
    private func keep(_ upload: UploadFact, touchedAt moment: Timestamp) async throws {
        try await facts.write { facts in
            guard try facts.upload(upload.id, in: upload.repository) == upload else { return }
            _ = try facts.advanceUpload(
                upload.id,
                from: upload.byteCount,
                to: upload.byteCount,
                hashState: upload.hashState,
                at: moment
            )
        }
    }

    /// Forgets keys under which there is nothing any more; those of a run that ended before are left to the collection.
    private func forget(_ keys: Set<BlobKey>) async throws {
        var rest = keys.map(\.description)[...]
        while !rest.isEmpty {
            let some = Array(rest.prefix(Self.batchCount))
            rest = rest.dropFirst(some.count)
            _ = try await facts.write { try $0.forgetDoomedKeys(some) }
        }
    }

    /// Removes finished blobs under these keys that no fact names; returns the first that stays.
    private func removeNameless(_ keys: Set<BlobKey>) async throws -> BlobRemovalFailure? {
        var nameless: [FinishedBlob] = []
        for entry in try await blobs.blobs(under: keys) {
            guard let digest = entry.digest else { continue }
            let named = try await facts.read { try $0.blob(digest) }
            guard named?.key != entry.key.description else { continue }
            nameless.append(FinishedBlob(key: entry.key, digest: digest, byteCount: entry.byteCount))
        }
        return try await blobs.remove(nameless).first
    }
}

extension BlobStore {
    /// The uploads in the store that no row of the facts knows: nobody can go on with them.
    ///
    /// A row comes before its bytes. So a row that is missing after the bytes were listed has been there, and ended.
    func uploads(without facts: FactStore) async throws -> Set<BlobKey> {
        var keys: Set<BlobKey> = []
        var token: String?
        repeat {
            let page = try await list(after: token, limit: 1000)
            let uploads = page.entries.prefix { $0.digest == nil }
            keys.formUnion(uploads.map(\.key))
            token = uploads.count < page.entries.count ? nil : page.next
        } while token != nil
        var last: String?
        while !keys.isEmpty {
            let after = last
            let rows = try await facts.read { try $0.uploads(after: after, limit: 1000) }
            for row in rows {
                if let key = BlobKey(row.key) { keys.remove(key) }
            }
            guard let id = rows.last?.id else { break }
            last = id
        }
        return keys
    }
}
