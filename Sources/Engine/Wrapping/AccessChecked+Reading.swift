import Access
import OCI
import RegistryContract

extension AccessChecked {
    /// Reads for who may pull.
    public func manifest(_ reference: Reference, in repository: RepositoryName) async throws -> StoredManifest {
        try demand(.pull, on: repository)
        return try await base.manifest(reference, in: repository)
    }

    /// Asks for who may pull.
    public func blobByteCount(_ digest: Digest, in repository: RepositoryName) async throws -> Int64 {
        try demand(.pull, on: repository)
        return try await base.blobByteCount(digest, in: repository)
    }

    /// Reads for who may pull.
    public func blob(
        _ digest: Digest,
        range: Range<Int64>?,
        in repository: RepositoryName
    ) async throws -> BlobContent {
        try demand(.pull, on: repository)
        return try await base.blob(digest, range: range, in: repository)
    }

    /// Tells who may pull.
    public func blobLocation(_ digest: Digest, in repository: RepositoryName) async throws -> BlobLocation? {
        try demand(.pull, on: repository)
        return try await base.blobLocation(digest, in: repository)
    }

    /// Lists for who may list.
    public func tags(in repository: RepositoryName, after last: String?, limit: Int) async throws -> Page<Tag> {
        try demand(.list, on: repository)
        return try await base.tags(in: repository, after: last, limit: limit)
    }

    /// Lists for who may pull.
    public func referrers(
        to subject: Digest,
        artifactType: String?,
        in repository: RepositoryName,
        after last: Digest?,
        limit: Int
    ) async throws -> Page<Descriptor> {
        try demand(.pull, on: repository)
        return try await base.referrers(
            to: subject,
            artifactType: artifactType,
            in: repository,
            after: last,
            limit: limit
        )
    }

    /// Tells who may pull; by whom a tag was moved, only who may push as well.
    public func tagHistory(
        of tag: Tag,
        in repository: RepositoryName,
        before version: Int64?,
        limit: Int
    ) async throws -> Page<TagHistoryEntry> {
        try demand(.pull, on: repository)
        var page = try await base.tagHistory(of: tag, in: repository, before: version, limit: limit)
        guard !allows(.push, on: repository) else { return page }
        for index in page.elements.indices { page.elements[index].movedBy = nil }
        return page
    }

    /// The names that the principal may list, in order.
    ///
    /// Only those ranges of names are looked at in which a grant of the principal's lies.
    public func repositories(after last: String?, limit: Int) async throws -> Page<RepositoryName> {
        var found: [RepositoryName] = []
        for prefix in prefixes(of: .list) where !Self.isPast(prefix, last) {
            guard found.count <= limit else { break }
            found += try await names(with: prefix, after: last, count: limit + 1 - found.count)
        }
        return Page(found, limit: limit)
    }

    /// The most names that are looked at in one go.
    private static let pageCountMax = 1000

    /// The names with a prefix that the principal may list: at least `count` where there are as many.
    private func names(with prefix: String, after last: String?, count: Int) async throws -> [RepositoryName] {
        var found: [RepositoryName] = []
        var position = Self.entry(to: prefix, from: last)
        // Mostly nothing is filtered out, and the first page is all that is needed.
        var pageCount = min(count, Self.pageCountMax)
        while found.count < count {
            let page = try await base.repositories(after: position, limit: pageCount)
            let within = page.elements.prefix { $0.description.utf8.starts(with: prefix.utf8) }
            found += within.filter { allows(.list, on: $0) }
            guard page.hasMore, within.count == page.elements.count, let end = within.last else { break }
            position = end.description
            pageCount = Self.pageCountMax
        }
        return found
    }

    /// Whether all names with a prefix stand before a position.
    private static func isPast(_ prefix: String, _ position: String?) -> Bool {
        guard let position, !position.utf8.starts(with: prefix.utf8) else { return false }
        return prefix.utf8.lexicographicallyPrecedes(position.utf8)
    }

    /// Where to begin reading names with a prefix, after a position: just before the first of them.
    ///
    /// What comes before a prefix begins with something lower: at the highest, with the prefix whose last byte is
    /// lowered by one. No name goes on from there with a byte as high as 0x7F, so this stands behind them all.
    private static func entry(to prefix: String, from position: String?) -> String? {
        guard let lastByte = prefix.utf8.last else { return position }
        let before = String(decoding: prefix.utf8.dropLast() + [lastByte - 1, 0x7F], as: UTF8.self)
        guard let position else { return before }
        return position.utf8.lexicographicallyPrecedes(before.utf8) ? before : position
    }
}
