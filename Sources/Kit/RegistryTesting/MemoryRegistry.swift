import Foundation
import NIOCore
public import OCI
public import RegistryContract
import Synchronization

/// A registry in dictionaries: the contract written down as plainly as it can be, and its second implementer.
///
/// What follows from other facts is worked out when it is asked for and never kept: who refers to whom, which blobs are
/// in use. One lock, never held across a wait, makes each step whole. It forgets everything with its last reference.
public final class MemoryRegistry: Registry {
    /// A manifest as it was pushed.
    struct Pushed {
        var manifest: Manifest
        var digest: Digest
        var bytes: [UInt8]
    }

    /// What one repository holds.
    struct Repository {
        var blobs: Set<Digest> = []
        var manifests: [Digest: Pushed] = [:]
        var tags: [Tag: Digest] = [:]
        /// The moves of each tag that ever was, the oldest first.
        var histories: [Tag: [TagHistoryEntry]] = [:]

        /// Points a tag to a manifest, or takes it away.
        mutating func move(_ tag: Tag, to digest: Digest?) {
            let previous = tags[tag]
            guard previous != digest else { return }
            tags[tag] = digest
            let entry = TagHistoryEntry(
                version: Int64(histories[tag, default: []].count) + 1,
                digest: digest,
                previous: previous,
                movedAt: Moment(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000)),
                movedBy: Caller.anonymousID
            )
            histories[tag, default: []].append(entry)
        }
    }

    /// An upload in progress.
    struct Upload {
        var repository: RepositoryName
        var bytes: [UInt8] = []
    }

    struct State {
        var repositories: [RepositoryName: Repository] = [:]
        var contents: [Digest: [UInt8]] = [:]
        var uploads: [UploadID: Upload] = [:]

        /// A repository, or the refusal that there is none.
        func known(_ name: RepositoryName) throws -> Repository {
            guard let repository = repositories[name] else {
                throw RegistryError(.nameUnknown, "there is no repository \(name)")
            }
            return repository
        }
    }

    let state = Mutex(State())
    let manifestByteCountMax: Int

    /// Makes an empty registry.
    public init(manifestByteCountMax: Int = Manifest.byteCountMax) {
        self.manifestByteCountMax = manifestByteCountMax
    }
}

// MARK: - Blobs

extension MemoryRegistry {
    /// The count of the bytes.
    public func blobByteCount(_ digest: Digest, in repository: RepositoryName) async throws -> Int64 {
        Int64(try bytes(of: digest, in: repository).count)
    }

    /// The bytes.
    public func blob(
        _ digest: Digest,
        range: Range<Int64>?,
        in repository: RepositoryName
    ) async throws -> BlobContent {
        let bytes = try bytes(of: digest, in: repository)
        return BlobContent(byteCount: Int64(bytes.count), source: .bytes(ByteBuffer(bytes: bytes)))
    }

    /// Adds the digest to the target if a source has it.
    public func mountBlob(
        _ digest: Digest,
        from source: MountSource,
        into repository: RepositoryName
    ) async throws -> Bool {
        state.withLock { state in
            let isThere = state.repositories.contains { source.includes($0.key) && $0.value.blobs.contains(digest) }
            guard isThere else { return false }
            state.repositories[repository, default: Repository()].blobs.insert(digest)
            return true
        }
    }

    /// Takes the digest from the repository unless one of its manifests names it.
    public func deleteBlob(_ digest: Digest, in repository: RepositoryName) async throws {
        try state.withLock { state in
            let held = try state.known(repository)
            guard held.blobs.contains(digest) else { throw Self.unknown(blob: digest) }
            guard !held.manifests.values.contains(where: { $0.manifest.content.contains(digest) }) else {
                throw RegistryError(.blobInUse, "a manifest needs the blob", digests: [digest])
            }
            state.repositories[repository]?.blobs.remove(digest)
        }
    }

    private func bytes(of digest: Digest, in repository: RepositoryName) throws -> [UInt8] {
        try state.withLock { state in
            guard try state.known(repository).blobs.contains(digest), let bytes = state.contents[digest] else {
                throw Self.unknown(blob: digest)
            }
            return bytes
        }
    }

    private static func unknown(blob digest: Digest) -> RegistryError {
        RegistryError(.blobUnknown, "no such blob", digests: [digest])
    }
}

extension Manifest {
    /// What a manifest is made of: everything that it names but its subject.
    var content: [Digest] {
        ((config.map { [$0] } ?? []) + layers + manifests).map(\.digest)
    }
}

// MARK: - Lists

extension MemoryRegistry {
    /// The tags, sorted.
    public func tags(in repository: RepositoryName, after last: String?, limit: Int) async throws -> Page<Tag> {
        let tags = try state.withLock { try $0.known(repository).tags.keys.sorted() }
        return Self.page(tags, after: last, limit)
    }

    /// The names, sorted.
    public func repositories(after last: String?, limit: Int) async throws -> Page<RepositoryName> {
        Self.page(state.withLock { $0.repositories.keys.sorted() }, after: last, limit)
    }

    /// Every manifest of the repository that refers to the subject in one way or another, sorted by digest.
    public func referrers(
        to subject: Digest,
        artifactType: String?,
        in repository: RepositoryName,
        after last: Digest?,
        limit: Int
    ) async throws -> Page<Descriptor> {
        let held = state.withLock { $0.repositories[repository] } ?? Repository()
        let referring = held.manifests.values.filter { pushed in
            pushed.manifest.subject?.digest == subject
                || held.tags.contains { held.makes(pushed.digest, referTo: subject, by: $0.key, at: $0.value) }
        }
        let type = artifactType.map { Array($0.utf8) }
        let fitting = referring.filter { type == nil || $0.manifest.artifactType.map { Array($0.utf8) } == type }
        let rest = fitting.sorted { $0.digest < $1.digest }.filter { pushed in last.map { pushed.digest > $0 } ?? true }
        let descriptors = rest.map { pushed in
            Descriptor(
                mediaType: pushed.manifest.mediaType,
                digest: pushed.digest,
                size: Int64(pushed.bytes.count),
                artifactType: pushed.manifest.artifactType,
                annotations: pushed.manifest.annotations
            )
        }
        return Page(descriptors, limit: limit)
    }

    /// The moves that were kept, the other way round.
    public func tagHistory(
        of tag: Tag,
        in repository: RepositoryName,
        before version: Int64?,
        limit: Int
    ) async throws -> Page<TagHistoryEntry> {
        let history = try state.withLock { try $0.known(repository).histories[tag] }
        guard let history else { throw RegistryError(.manifestUnknown, "there never was such a tag") }
        return Page(history.reversed().filter { $0.version < version ?? .max }, limit: limit)
    }

    private static func page<Name: CustomStringConvertible & Sendable>(
        _ names: [Name],
        after last: String?,
        _ limit: Int
    ) -> Page<Name> {
        let rest = names.filter { name in
            last.map { $0.utf8.lexicographicallyPrecedes(name.description.utf8) } ?? true
        }
        return Page(rest, limit: limit)
    }
}

extension MemoryRegistry.Repository {
    /// Whether a tag that points to `target` lets a manifest refer to a subject.
    ///
    /// `sha256-<hex>` on an index: its children do. With `.sig`, `.att` or `.sbom` behind it: the target does.
    fileprivate func makes(_ digest: Digest, referTo subject: Digest, by tag: Tag, at target: Digest) -> Bool {
        let name = "\(subject.algorithm.rawValue)-\(subject.encoded)"
        if tag.description == name, let index = manifests[target]?.manifest, index.kind == .index {
            return index.manifests.contains { $0.digest == digest }
        }
        return [".sig", ".att", ".sbom"].contains { tag.description == name + $0 } && target == digest
    }
}
