public import Metadata
public import OCI
public import RegistryContract

/// Somewhere else that may have the bytes of a damaged blob: another registry, a backup.
///
/// What it gives is hashed before it is believed.
public protocol BlobMender: Sendable {
    /// What it is called in the log.
    var name: String { get }

    /// The bytes of a blob, from the first on; nil where it has none.
    ///
    /// - Parameters:
    ///   - blob: The blob, as it was stored here.
    ///   - repositories: Some of the repositories that hold it.
    /// - Returns: The bytes.
    /// - Throws: Why it cannot be asked now: the next is asked, and this one at the next look.
    func bytes(of blob: BlobFact, heldBy repositories: [RepositoryName]) async throws -> (any ByteStream)?
}
