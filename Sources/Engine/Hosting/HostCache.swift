import Metadata
import NIOCore
import OCI
import RegistryContract
import Synchronization

/// What is asked for often, in memory, and never older than the database.
///
/// An entry is filled under a generation: whoever reads the database notes the generation before and may fill only if
/// nothing was forgotten in between. So a reader that saw the state before a commit cannot put it back after the
/// commit. That holds only where this process is the only one that changes the facts; elsewhere nothing is kept that a
/// name leads to, and only what a digest says.
final class HostCache: Sendable {
    /// What a manifest is asked for by.
    struct ManifestKey: Hashable, Sendable {
        var repository: RepositoryName
        var reference: Reference
    }

    /// What a blob is asked for by.
    struct BlobKey: Hashable, Sendable {
        var repository: RepositoryName
        var digest: Digest
    }

    /// A moment in the life of the cache.
    struct Generation: Equatable, Sendable {
        fileprivate var number: UInt64
    }

    /// Blobs up to this size are kept whole, in bytes: configs, attestations, small layers.
    static let smallBlobByteCountMax = 64 << 10
    /// What an entry takes besides its content, in bytes, roughly.
    private static let entryByteCount = 400

    private struct State {
        var manifests: TwoGenerationCache<ManifestKey, RegistryContract.StoredManifest>
        var links: TwoGenerationCache<BlobKey, LinkedBlob>
        var contents: TwoGenerationCache<Digest, ByteBuffer>
        var generation: UInt64 = 0
    }

    private let state: Mutex<State>
    private let keepsNames: Bool

    /// Makes an empty cache.
    ///
    /// - Parameters:
    ///   - byteCount: The memory for all of it, in bytes.
    ///   - keepsNames: Whether what a name leads to is kept.
    init(byteCount: Int, keepsNames: Bool = true) {
        self.keepsNames = keepsNames
        state = Mutex(
            State(
                manifests: TwoGenerationCache(weightMax: keepsNames ? byteCount / 2 : 0),
                links: TwoGenerationCache(weightMax: keepsNames ? byteCount / 4 : 0),
                contents: TwoGenerationCache(weightMax: keepsNames ? byteCount / 4 : byteCount)
            )
        )
    }

    var generation: Generation {
        state.withLock { Generation(number: $0.generation) }
    }

    func manifest(_ key: ManifestKey) -> RegistryContract.StoredManifest? {
        guard keepsNames else { return nil }
        return state.withLock { $0.manifests.value(for: key) }
    }

    func fill(_ manifest: RegistryContract.StoredManifest, for key: ManifestKey, since generation: Generation) {
        guard keepsNames else { return }
        state.withLock { state in
            guard state.generation == generation.number else { return }
            let weight = manifest.bytes.readableBytes + Self.entryByteCount
            state.manifests.insert(manifest, for: key, weight: weight)
        }
    }

    func link(_ key: BlobKey) -> LinkedBlob? {
        guard keepsNames else { return nil }
        return state.withLock { $0.links.value(for: key) }
    }

    func fill(_ link: LinkedBlob, for key: BlobKey, since generation: Generation) {
        guard keepsNames else { return }
        state.withLock { state in
            guard state.generation == generation.number else { return }
            state.links.insert(link, for: key, weight: Self.entryByteCount)
        }
    }

    /// The bytes of a small blob; whether they may be read is not a question to this cache.
    func content(_ digest: Digest) -> ByteBuffer? {
        state.withLock { $0.contents.value(for: digest) }
    }

    func fill(_ content: ByteBuffer, for digest: Digest) {
        state.withLock { state in
            state.contents.insert(content, for: digest, weight: content.readableBytes + Self.entryByteCount)
        }
    }

    /// Forgets the bytes of a small blob and where any lies, after the commit that put others in their place.
    ///
    /// Every repository may link the blob. That seldom happens, so all links are forgotten.
    func forget(content digest: Digest) {
        state.withLock { state in
            state.generation &+= 1
            state.contents.remove(digest)
            state.links.removeAll()
        }
    }

    /// Forgets all links, after the commit that removed some.
    func forgetLinks() {
        state.withLock { state in
            state.generation &+= 1
            state.links.removeAll()
        }
    }

    /// Forgets all that names lead to, after a commit that changed more of it than is told.
    func forgetNames() {
        state.withLock { state in
            state.generation &+= 1
            state.manifests.removeAll()
            state.links.removeAll()
        }
    }

    /// Forgets manifests, after the commit that changed what they are found by.
    func forget(_ references: [Reference], in repository: RepositoryName) {
        state.withLock { state in
            state.generation &+= 1
            for reference in references {
                state.manifests.remove(ManifestKey(repository: repository, reference: reference))
            }
        }
    }

    /// Forgets that a repository holds a blob, after the commit that changed it.
    func forget(blob digest: Digest, in repository: RepositoryName) {
        state.withLock { state in
            state.generation &+= 1
            state.links.remove(BlobKey(repository: repository, digest: digest))
        }
    }
}
