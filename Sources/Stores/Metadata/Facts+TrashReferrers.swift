import OCI

/// The referrers of a manifest that is purged: those that nothing else holds go with it.
///
/// A referrer is held by a tag of its own, and by an index that is made of it, live or in the trash. One that was
/// pushed after its subject was deleted is for one that is to come: tools push signatures before the image. It has one
/// subject, and may be a subject itself: then it goes by an entry of the trash, from where it does not come back, and
/// which takes its own referrers along. The trash is the queue: stopped after any step, the next run goes on.
extension Facts {
    /// How many referrers of one manifest are looked at; those behind stay.
    private static let referrerCountMax = 10_000
    private static let referrersInPage = 500

    /// Lets referrers go for good, if an entry is the last that there is of their subject; how many, at most `limit`.
    func purgeReferrers(of entry: Int64, in repository: RepositoryID, limit: Int) throws -> Int {
        guard let fact = try trashEntry(entry), fact.kind == .manifest, let subject = fact.digest else { return 0 }
        guard try row(Statements.manifestMediaType, .id(repository), .digest(subject)) == nil else { return 0 }
        let others = try row(Statements.otherTrashOfManifest, .id(repository), .digest(subject), .integer(entry))
        guard others == nil else { return 0 }
        let referrers = try looseReferrers(of: subject, in: repository, pushedBy: fact.deletedAt, limit: limit)
        guard let moment = try referrers.isEmpty ? nil : row(Statements.databaseTime)?.time(0) else { return 0 }
        for referrer in referrers {
            guard fact.repositoryEntry == nil else {
                // The repository is in the trash itself: it was told that all of it is gone, and its name is another's.
                _ = try takeManifest(referrer, in: repository, at: moment, by: fact.deletedBy)
                continue
            }
            _ = try deleteManifest(referrer, in: repository, at: moment, by: fact.deletedBy)
        }
        return referrers.count
    }

    /// Manifests with the referrers that would go with them when they are purged, and with those of these; nil where
    /// there are too many.
    func withReferrers(_ digests: [Digest], in repository: RepositoryID) throws -> Set<Digest>? {
        let limit = Self.outlookCountsMax.manifests
        var (found, rest) = (Set(digests), Array(Set(digests)))
        while let subject = rest.popLast() {
            guard found.count <= limit else { return nil }
            guard try row(Statements.manifestMediaType, .id(repository), .digest(subject)) != nil else { continue }
            let referrers = try looseReferrers(of: subject, in: repository, limit: limit + 1)
            rest += referrers.filter { found.insert($0).inserted }
        }
        return found
    }

    /// Whether anything refers to a manifest that would go when it is purged.
    func hasLooseReferrers(_ subject: Digest, in repository: RepositoryID) throws -> Bool {
        try !looseReferrers(of: subject, in: repository, limit: 1).isEmpty
    }

    /// The first referrers that nothing else holds and that had been pushed by a moment, in the order of their digests.
    private func looseReferrers(
        of subject: Digest,
        in repository: RepositoryID,
        pushedBy moment: Timestamp? = nil,
        limit: Int
    ) throws -> [Digest] {
        var (found, count, last): ([Digest], Int, String) = ([], 0, "")
        while count < Self.referrerCountMax {
            let page = try rows(
                Statements.subjectReferrers,
                .id(repository),
                .digest(subject),
                .text(last),
                .count(Self.referrersInPage)
            )
            for row in page where try row.integer(1) == 0 {
                if let moment, try row.time(2) > moment { continue }
                found.append(try row.digest(0))
                if found.count == limit { return found }
            }
            guard page.count == Self.referrersInPage, let end = page.last else { break }
            count += page.count
            last = try end.text(0)
        }
        return found
    }
}
