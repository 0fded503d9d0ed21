import BlobStorage
import Hashing
import Metadata
import OCI
import RegistryContract

extension Scrub {
    /// Asks others for the bytes of a damaged blob; whether it is mended.
    func mend(_ blob: BlobFact, _ report: inout Report) async throws -> Bool {
        guard !menders.isEmpty else { return false }
        let images = try await facts.read { try $0.images(needing: blob.digest, .blob, limit: Self.imageCountMax) }
        let repositories = Array(Set(images.map(\.repository))).sorted { $0.description < $1.description }
        guard let home = repositories.first else { return false }
        for mender in menders {
            do {
                guard let bytes = try await mender.bytes(of: blob, heldBy: repositories) else { continue }
                guard try await store(bytes, in: home, for: blob) else { return false }
            } catch let error where !(error is CancellationError) {
                let problem = "\(mender.name) could not mend it: \(error)"
                try await tell(Finding(outcome: .unread, kind: .blob, digest: blob.digest, problem: problem))
                continue
            }
            report.mendedCount += 1
            let how = "\(mender.name) had its bytes"
            try await tell(Finding(outcome: .mended, kind: .blob, digest: blob.digest, problem: how))
            return true
        }
        return false
    }

    /// Puts bytes in the place of damaged ones, as an upload does; false when others were faster.
    private func store(_ bytes: any ByteStream, in home: RepositoryName, for blob: BlobFact) async throws -> Bool {
        var random = SystemRandomNumberGenerator()
        let (id, key) = (UploadID(using: &random).description, BlobKey(using: &random))
        var state = UploadState.start(blob.digest.algorithm)
        let upload = UploadFact(
            id: id,
            repository: home,
            key: key.description,
            byteCount: 0,
            hashState: state.hash.encoded(),
            algorithm: blob.digest.algorithm,
            startedAt: now(),
            touchedAt: now(),
            startedBy: "scrub"
        )
        try await facts.write { try $0.insertUpload(upload) }
        do {
            while let batch = try await bytes.next(upTo: 1 << 20) {
                state = try await blobs.append(batch, to: key, at: state)
                guard state.offset <= blob.byteCount else {
                    throw BlobStoreError(.digestMismatch, "more bytes came than the \(blob.byteCount) that there were")
                }
            }
            let count = try await blobs.finish(key, appending: [], at: state, expecting: blob.digest)
            let mended = BlobFact(digest: blob.digest, byteCount: count, key: key.description, storedAt: now())
            let placement = try await facts.write { facts in
                try facts.finishUpload(id, as: mended, in: home, standing: .damaged(key: blob.key))
            }
            forget(blob.digest)
            let spare = placement.standing.key == mended.key ? placement.replaced?.key : mended.key
            // If this fails, the collection removes it, which knows the key.
            if let spare = spare.flatMap({ BlobKey($0) }) { try? await blobs.remove(spare, digest: blob.digest) }
            return placement.standing.key == mended.key
        } catch {
            // If this fails, the sweep of uploads does it.
            let ledger = state.ledger
            if (try? await facts.write({ try $0.deleteUpload(id) })) == true {
                try? await blobs.discard(key, ledger: ledger)
            }
            throw error
        }
    }
}
