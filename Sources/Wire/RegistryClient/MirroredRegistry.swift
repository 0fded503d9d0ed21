import Hashing
public import Logging
import NIOCore
public import OCI
public import RegistryContract

/// A registry with mirrors in front of it: content is read from the first that has it, and everything else is the
/// origin's.
///
/// A mirror is believed nothing: a manifest is taken only with the digest that was asked for, and blobs are verified by
/// who reads them. What a tag points to is asked of the mirrors as well, as Docker does: a mirror may be behind. Lists
/// and changes go to the origin alone, since a mirror lists what it happens to hold. A mirror that fails is passed
/// over; one that says what cannot be right, with a warning.
public struct MirroredRegistry: ForwardingRegistry {
    /// A registry that may have what the origin has.
    public struct Mirror: Sendable {
        /// Which manifests it is asked for; blobs are named by their digests, and are always asked for.
        public enum Scope: Sendable {
            /// All.
            case all
            /// Those that are named by their digest: where a tag points it is not believed.
            case digests
            /// Those that are named by a tag.
            case tags
        }

        /// What the log calls it.
        public var name: String
        /// The mirror.
        public var registry: any Registry
        /// What a repository of the origin is called there; nil for one that it does not have.
        public var repository: @Sendable (RepositoryName) -> RepositoryName?
        /// Which manifests it is asked for.
        public var scope: Scope

        /// Names a mirror.
        ///
        /// - Parameters:
        ///   - name: What the log calls it.
        ///   - registry: The mirror.
        ///   - scope: Which manifests it is asked for.
        ///   - repository: What a repository of the origin is called there: the same, unless it is said.
        public init(
            name: String,
            registry: any Registry,
            scope: Scope = .all,
            repository: @escaping @Sendable (RepositoryName) -> RepositoryName? = { $0 }
        ) {
            self.name = name
            self.registry = registry
            self.scope = scope
            self.repository = repository
        }
    }

    /// The registry itself.
    public let origin: any Registry
    /// Its mirrors, in the order in which they are asked.
    public let mirrors: [Mirror]
    private let log: Logger

    /// Puts mirrors in front of a registry.
    public init(_ origin: any Registry, mirrors: [Mirror], log: Logger) {
        self.origin = origin
        self.mirrors = mirrors
        self.log = log
    }

    /// The first answer, with how many of the mirrors were passed over for it; of mirrors only what stands `check`.
    func first<Value: Sendable>(
        after skipped: Int = 0,
        in repository: RepositoryName,
        for reference: Reference? = nil,
        _ what: @autoclosure () -> String,
        demanding check: (Value) throws -> Void = { _ in },
        _ body: (any Registry, RepositoryName) async throws -> Value
    ) async throws -> (Value, skipped: Int) {
        for (index, mirror) in mirrors.enumerated().dropFirst(skipped) {
            guard mirror.scope.includes(reference), let name = mirror.repository(repository) else { continue }
            do {
                let value = try await body(mirror.registry, name)
                try check(value)
                return (value, index)
            } catch {
                try Task.checkCancellation()
                let code = (error as? RegistryError)?.code
                log.log(
                    level: code == .sizeInvalid || code == .digestMismatch ? .warning : .debug,
                    "a mirror is passed over",
                    metadata: ["mirror": "\(mirror.name)", "for": "\(name) \(what())", "error": "\(error)"]
                )
            }
        }
        return (try await body(origin, repository), mirrors.count)
    }
}

extension MirroredRegistry.Mirror.Scope {
    /// Whether a mirror is asked for a manifest; for a blob where nil.
    fileprivate func includes(_ reference: Reference?) -> Bool {
        switch (self, reference) {
        case (.digests, .tag), (.tags, .digest): false
        default: true
        }
    }
}

// MARK: - Reading

extension MirroredRegistry {
    /// The manifest, from the first that has it.
    public func manifest(_ reference: Reference, in repository: RepositoryName) async throws -> StoredManifest {
        try await first(in: repository, for: reference, "\(reference)") { registry, repository in
            let manifest = try await registry.manifest(reference, in: repository)
            if case .digest(let digest) = reference {
                let found = ContentHash.digest(of: Array(manifest.bytes.readableBytesView), digest.algorithm)
                guard found == digest else {
                    throw RegistryError(.digestMismatch, "A mirror gives \(found) for \(digest).", digests: [found])
                }
            }
            return manifest
        }.0
    }

    /// What a tag points to or a digest names, from the first that knows it.
    public func descriptor(of reference: Reference, in repository: RepositoryName) async throws -> Descriptor {
        try await first(in: repository, for: reference, "\(reference)") { registry, repository in
            let descriptor = try await registry.descriptor(of: reference, in: repository)
            if case .digest(let digest) = reference, descriptor.digest != digest {
                throw RegistryError(.digestMismatch, "A mirror gives \(descriptor.digest) for \(digest).")
            }
            return descriptor
        }.0
    }

    /// The size of a blob, from the first that has it.
    public func blobByteCount(_ digest: Digest, in repository: RepositoryName) async throws -> Int64 {
        try await first(in: repository, "\(digest)") { try await $0.blobByteCount(digest, in: $1) }.0
    }

    /// A blob, from the first that has it; where a stream of it breaks, the next goes on.
    public func blob(
        _ digest: Digest,
        range: Range<Int64>?,
        in repository: RepositoryName
    ) async throws -> BlobContent {
        let found = try await first(in: repository, "\(digest)") { registry, repository in
            try await registry.blob(digest, range: range, in: repository)
        }
        return goingOn(found.0, digest, repository, skipped: found.skipped)
    }

    /// A blob, from the first that has it in this size, or else from the origin.
    public func blob(
        _ digest: Digest,
        of byteCount: Int64,
        range: Range<Int64>?,
        in repository: RepositoryName
    ) async throws -> BlobContent {
        let check = { (content: BlobContent) in
            guard content.byteCount != byteCount else { return }
            let sentence = "A mirror has \(content.byteCount) bytes for \(digest), which has \(byteCount)."
            throw RegistryError(.sizeInvalid, sentence, digests: [digest])
        }
        let found = try await first(in: repository, "\(digest)", demanding: check) { registry, repository in
            try await registry.blob(digest, of: byteCount, range: range, in: repository)
        }
        return goingOn(found.0, digest, repository, skipped: found.skipped)
    }

    /// The same content, that goes on with the next registry where a mirror breaks off.
    private func goingOn(
        _ content: BlobContent,
        _ digest: Digest,
        _ repository: RepositoryName,
        skipped: Int
    ) -> BlobContent {
        var content = content
        if case .stream(let stream) = content.source, skipped < mirrors.count {
            content.source = .stream(MirroredStream(self, digest, repository, stream, content, skipped: skipped))
        }
        return content
    }
}

/// The bytes of a blob from a mirror, and from the next one after a failure.
private actor MirroredStream: ByteStream {
    nonisolated let declaredByteCount: Int64?
    nonisolated let batchByteCount: Int
    private let registry: MirroredRegistry
    private let digest: Digest
    private let repository: RepositoryName
    private let byteCount: Int64
    private let end: Int64
    private var offset: Int64
    private var stream: any ByteStream
    private var skipped: Int

    init(
        _ registry: MirroredRegistry,
        _ digest: Digest,
        _ repository: RepositoryName,
        _ stream: any ByteStream,
        _ content: BlobContent,
        skipped: Int
    ) {
        (self.registry, self.digest, self.repository) = (registry, digest, repository)
        (self.stream, self.skipped) = (stream, skipped)
        byteCount = content.byteCount
        (offset, end) = (content.range.lowerBound, content.range.upperBound)
        declaredByteCount = stream.declaredByteCount
        batchByteCount = stream.batchByteCount
    }

    func next(upTo byteCount: Int) async throws -> [ByteBuffer]? {
        while true {
            do {
                let batch = try await stream.next(upTo: byteCount)
                offset += batch?.reduce(0) { $0 + Int64($1.readableBytes) } ?? 0
                return batch
            } catch {
                try Task.checkCancellation()
                guard skipped < registry.mirrors.count else { throw error }
                try await goOn()
            }
        }
    }

    private func goOn() async throws {
        let rest = offset..<end
        let (content, next) = try await registry.first(
            after: skipped + 1,
            in: repository,
            "\(digest) at \(offset)"
        ) {
            let content = try await $0.blob(self.digest, range: rest, in: $1)
            guard content.byteCount == self.byteCount else {
                throw RegistryError(.sizeInvalid, "The blob \(self.digest) has another size in another registry.")
            }
            return content
        }
        skipped = next
        stream = try Self.stream(of: content, rest)
    }

    private static func stream(of content: BlobContent, _ range: Range<Int64>) throws -> any ByteStream {
        switch content.source {
        case .stream(let stream) where content.range == range: return stream
        case .bytes(let bytes):
            let start = bytes.readerIndex + Int(range.lowerBound - content.range.lowerBound)
            return BytesBody(bytes.getSlice(at: start, length: range.count) ?? ByteBuffer())
        default:
            throw RegistryError(.unavailable, "A blob broke off, and cannot be gone on with from another registry.")
        }
    }
}

// MARK: - Everything else

extension MirroredRegistry {
    /// The origin: what is not said otherwise here is its own.
    public func destination(of repository: RepositoryName) throws -> (registry: any Registry, name: RepositoryName) {
        (origin, repository)
    }

    /// As the origin says.
    public func repositories(after last: String?, limit: Int) async throws -> Page<RepositoryName> {
        try await origin.repositories(after: last, limit: limit)
    }
}
