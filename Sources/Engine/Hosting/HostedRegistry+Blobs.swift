import BlobStorage
import Metadata
import NIOCore
import OCI
import RegistryContract

extension HostedRegistry {
    func blobByteCount(_ digest: Digest, in repository: RepositoryName) async throws -> Int64 {
        try await translatingErrors {
            try await link(to: digest, in: repository).blob.byteCount
        }
    }

    func blob(_ digest: Digest, range: Range<Int64>?, in repository: RepositoryName) async throws -> BlobContent {
        try await translatingErrors {
            let blob = try await link(to: digest, in: repository).blob
            if let bytes = cache.content(digest) {
                return BlobContent(byteCount: blob.byteCount, source: .bytes(bytes))
            }
            do {
                return try await content(of: blob, range)
            } catch let damaged as DamagedBlob {
                // A push may have put other bytes in their place since the link was read.
                cache.forget(blob: digest, in: repository)
                let current = try await link(to: digest, in: repository).blob
                guard current.key != blob.key else { throw damaged }
                return try await content(of: current, range)
            }
        }
    }

    func mountBlob(
        _ digest: Digest,
        from source: MountSource,
        into repository: RepositoryName
    ) async throws -> Bool {
        try await translatingErrors {
            let moment = host.now()
            let isMounted = try await facts.write { facts in
                var byteCount: Int64?
                switch source {
                case .repository(let name):
                    guard let found = try facts.linkedBlob(digest, in: name) else { return false }
                    byteCount = found.blob.byteCount
                case .any(let isSource):
                    let candidates = try facts.anyRepositoryLinking(digest, limit: Self.mountCandidateCountMax)
                    guard candidates.contains(where: isSource) else { return false }
                }
                let target = try facts.ensureRepository(repository, at: moment, linking: digest)
                try facts.link(digest, byteCount: byteCount, in: target, at: moment)
                return true
            }
            cache.forget(blob: digest, in: repository)
            return isMounted
        }
    }

    /// How many of the repositories that hold a blob are asked whether it may be mounted from them.
    private static let mountCandidateCountMax = 1000

    func deleteBlob(_ digest: Digest, in repository: RepositoryName) async throws {
        try await translatingErrors {
            try await facts.write { facts in
                let target = try facts.known(repository)
                guard try facts.linkedBlob(digest, in: target) != nil else { throw Self.unknown(digest, repository) }
                let need = try facts.need(of: digest, in: target)
                guard need == .none else {
                    let what = need == .trash ? "a manifest in the trash of" : "a manifest of"
                    let way = need == .trash ? "purge that first" : "delete the manifest first"
                    throw RegistryError(
                        .blobInUse,
                        "\(what) \(repository) needs the blob: \(way)",
                        digests: [digest]
                    )
                }
                _ = try facts.unlink(digest, in: target)
            }
            cache.forget(blob: digest, in: repository)
        }
    }

    /// What a repository may read of a blob.
    func link(to digest: Digest, in repository: RepositoryName) async throws -> LinkedBlob {
        let key = HostCache.BlobKey(repository: repository, digest: digest)
        if let link = cache.link(key) { return link }
        let generation = cache.generation
        guard let link = try await facts.read({ try $0.linkedBlob(digest, in: repository) }) else {
            // A read of its own: one that may ask two things costs more, also where it asks one.
            guard let isDamaged = try await facts.read({ try $0.hasQuarantined(digest, in: repository) }) else {
                throw RegistryError.noRepository(repository)
            }
            throw isDamaged ? Self.damaged(digest, repository) : Self.unknown(digest, repository)
        }
        cache.fill(link, for: key, since: generation)
        return link
    }

    /// Opens the bytes of a blob; throws ``DamagedBlob`` when they are missing or not as many as were recorded.
    func open(_ blob: BlobFact) async throws -> StoredBlob {
        guard let key = BlobKey(blob.key) else {
            throw MetadataError(.corrupt, "blob \(blob.digest) is recorded under the key \(blob.key), which is none")
        }
        do {
            let stored = try await blobs.open(key, digest: blob.digest)
            guard stored.byteCount == blob.byteCount else {
                throw DamagedBlob(
                    blob: blob,
                    problem: "it has \(stored.byteCount) bytes in place of \(blob.byteCount)"
                )
            }
            return stored
        } catch let error as BlobStoreError where error.code == .notFound {
            throw DamagedBlob(blob: blob, problem: "its bytes are missing (\(error.message))")
        }
    }

    /// The bytes of a blob; of one that lies elsewhere only a part, where only that is asked for.
    private func content(of blob: BlobFact, _ range: Range<Int64>?) async throws -> BlobContent {
        let stored = try await open(blob)
        switch stored.content {
        case .remote(let remote) where stored.byteCount <= HostCache.smallBlobByteCountMax:
            let bytes = try await remote.wholeBytes(byteCount: stored.byteCount)
            cache.fill(bytes, for: blob.digest)
            return BlobContent(byteCount: stored.byteCount, source: .bytes(bytes))
        case .remote(let remote):
            let part = (range ?? 0..<stored.byteCount).clamped(to: 0..<stored.byteCount)
            let body = RemoteBody(try await remote.read(part), byteCount: Int64(part.count))
            return BlobContent(byteCount: stored.byteCount, range: part, source: .stream(body))
        case .bytes(let bytes):
            return BlobContent(byteCount: stored.byteCount, source: .bytes(bytes))
        case .file(let file):
            let descriptor = OpenDescriptor(descriptor: file.descriptor, owner: file)
            guard stored.byteCount <= HostCache.smallBlobByteCountMax else {
                return BlobContent(byteCount: stored.byteCount, source: .file(descriptor))
            }
            let bytes = try file.bytes(byteCount: Int(stored.byteCount))
            cache.fill(bytes, for: blob.digest)
            return BlobContent(byteCount: stored.byteCount, source: .bytes(bytes))
        }
    }

    /// As if it were not there: a client that is told so by HEAD pushes it again, which mends it.
    private static func damaged(_ digest: Digest, _ repository: RepositoryName) -> RegistryError {
        RegistryError(
            .blobUnknown,
            "the blob \(digest) of \(repository) is damaged, and is not served: a push of it to any repository that "
                + "holds it mends it",
            digests: [digest]
        )
    }

    static func unknown(_ digest: Digest, _ repository: RepositoryName) -> RegistryError {
        RegistryError(
            .blobUnknown,
            "\(repository) holds no blob \(digest): it was never pushed or mounted there, or was deleted",
            digests: [digest]
        )
    }
}

extension Facts {
    /// The repository of a name, or the refusal that there is none.
    func known(_ repository: RepositoryName) throws -> RepositoryID {
        guard let known = try self.repository(repository) else { throw RegistryError.noRepository(repository) }
        return known
    }
}

extension RegistryError {
    /// There is no repository of the name.
    fileprivate static func noRepository(_ name: RepositoryName) -> RegistryError {
        RegistryError(
            .nameUnknown,
            "there is no repository \(name): it comes into being when something is pushed to it"
        )
    }
}
