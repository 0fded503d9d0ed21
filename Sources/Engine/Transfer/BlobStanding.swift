import OCI
import RegistryContract

/// How a blob stands at the target, as far as its size tells.
///
/// A registry may keep what came of an upload that broke off under the digest of the whole: pulp-container 2.30 looks
/// at no digest when a blob comes in one request.
enum BlobStanding: Equatable {
    /// It is not there, or nobody may look.
    case missing
    /// It is there.
    case whole
    /// So many bytes are there, and the blob has fewer or more.
    case damaged(byteCount: Int64)
}

extension CopyRun {
    /// How a blob stands at the target.
    func standing(of blob: Descriptor) async throws -> BlobStanding {
        let byteCount = try await Self.unlessUnknown {
            try await target.registry.blobByteCount(blob.digest, in: target.repository)
        }
        guard let byteCount else { return .missing }
        return byteCount == blob.size ? .whole : .damaged(byteCount: byteCount)
    }

    /// Throws where the target has taken a blob, and keeps something else under its digest.
    func demandUndamaged(_ blob: Descriptor) async throws {
        guard case .damaged(let byteCount) = try await standing(of: blob) else { return }
        throw RegistryError(
            .sizeInvalid,
            "the registry keeps \(byteCount) bytes under this digest, where there are \(blob.size): an upload that "
                + "broke off has left them, and it takes no others in their place. Its operator has to delete the blob",
            digests: [blob.digest]
        )
    }
}
