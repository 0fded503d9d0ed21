import Metadata
import OCI
import RegistryContract

extension HostedRegistry {
    func tags(in repository: RepositoryName, after last: String?, limit: Int) async throws -> Page<Tag> {
        try await translatingErrors {
            let found = try await facts.read { try $0.tags(in: repository, after: last, limit: limit + 1) }
            // Where there is a tag there is a repository.
            if found.isEmpty { _ = try await facts.read { try $0.known(repository) } }
            return Page(found, limit: limit)
        }
    }

    func repositories(after last: String?, limit: Int) async throws -> Page<RepositoryName> {
        try await translatingErrors {
            try await facts.read { facts in
                Page(try facts.repositories(after: last, limit: limit + 1), limit: limit)
            }
        }
    }

    func referrers(
        to subject: Digest,
        artifactType: String?,
        in repository: RepositoryName,
        after last: Digest?,
        limit: Int
    ) async throws -> Page<Descriptor> {
        try await translatingErrors {
            let (stored, hasMore) = try await facts.read { facts in
                let found = try facts.referrers(
                    of: subject,
                    in: repository,
                    artifactType: artifactType,
                    after: last,
                    limit: limit + 1
                )
                let page = Self.page(of: found.prefix(limit))
                let stored = page.isEmpty ? [] : try facts.manifests(page.map(\.digest), in: repository)
                return (stored, found.count > page.count)
            }
            return Page(await computing { Self.descriptors(of: stored) }, hasMore: hasMore)
        }
    }

    func tagHistory(
        of tag: Tag,
        in repository: RepositoryName,
        before version: Int64?,
        limit: Int
    ) async throws -> Page<TagHistoryEntry> {
        try await translatingErrors {
            let found = try await facts.read { facts in
                try facts.history(of: tag, in: repository, before: version, limit: limit + 1)
            }
            if found.events.isEmpty { try await demandHistory(of: tag, in: repository, hasNone: version == nil) }
            var page = Page(found.events.map(TagHistoryEntry.init), limit: limit)
            if !page.hasMore, let oldest = found.events.last {
                page.elements[page.elements.count - 1].forgottenBefore = found.forgottenBefore(oldest).map {
                    Moment($0)
                }
            }
            return page
        }
    }

    /// Says what is not there, where there never was a tag: each look is a read of its own, which costs less.
    ///
    /// `hasNone` says that all of the history was asked for, so that nobody need look again.
    private func demandHistory(of tag: Tag, in repository: RepositoryName, hasNone: Bool) async throws {
        if !hasNone {
            let any = try await facts.read { try $0.history(of: tag, in: repository, before: nil, limit: 1) }
            guard any.events.isEmpty else { return }
        }
        _ = try await facts.read { try $0.known(repository) }
        let forgotten = try await facts.read { try $0.tagsForgottenBefore() }
        let never = forgotten.map { "has had no tag \(tag) since \(Moment($0)), and what was before that is forgotten" }
        throw RegistryError(
            .manifestUnknown,
            "\(repository) \(never ?? "never had a tag \(tag)"): see its tags/list for those it has"
        )
    }

    /// The manifests that a list of referrers reads for a page, in bytes; one alone may be larger.
    ///
    /// What a page shows is their annotations, so that it is bounded too.
    private static let referrerByteCountMax = Int64(Manifest.byteCountMax)

    /// As many from the front as may be read for one page: at least one.
    private static func page(of manifests: ArraySlice<ManifestFact>) -> ArraySlice<ManifestFact> {
        var room = referrerByteCountMax
        return manifests.prefix { manifest in
            defer { room -= manifest.byteCount }
            return room == referrerByteCountMax || manifest.byteCount <= room
        }
    }

    /// The descriptors that a list of referrers shows, with the annotations of each manifest.
    private static func descriptors(of manifests: [Metadata.StoredManifest]) -> [Descriptor] {
        manifests.map { stored in
            let manifest = try? Manifest(parsing: stored.bytes, contentType: stored.fact.mediaType)
            return Descriptor(
                mediaType: stored.fact.mediaType,
                digest: stored.fact.digest,
                size: stored.fact.byteCount,
                artifactType: stored.fact.artifactType,
                annotations: manifest?.annotations ?? [:]
            )
        }
    }
}

extension TagHistoryEntry {
    /// A move as the contract has it.
    fileprivate init(_ event: TagEvent) {
        self.init(
            version: event.version,
            digest: event.new,
            previous: event.old,
            movedAt: Moment(event.at),
            movedBy: event.by
        )
    }
}

extension Moment {
    /// A moment of the facts.
    fileprivate init(_ moment: Timestamp) {
        self.init(microseconds: moment.microseconds)
    }
}
