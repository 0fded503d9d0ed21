public import OCI

/// By which kind of tag a manifest refers to another.
public enum TagReferrerKind: String, Sendable, CaseIterable {
    /// `sha256-<hex>` on an index, each child of which refers to that digest (distribution specification, "Referrers
    /// Tag Schema").
    case fallback
    /// `sha256-<hex>.sig`, `.att`, `.sbom` on the manifest that refers, as cosign makes them.
    case cosign
}

extension Facts {
    /// Records which manifests refer to a subject because of a tag, in place of those recorded for the tag before.
    ///
    /// They go by themselves when the tag moves or is deleted. The manifests need not be there.
    public func setTagReferrers(
        _ tag: Tag,
        subject: Digest,
        referrers: [Digest],
        kind: TagReferrerKind,
        in repository: RepositoryID
    ) throws {
        try removeTagReferrers(tag, in: repository)
        for referrer in referrers {
            try post(
                Statements.insertEdge,
                .id(repository),
                .digest(referrer),
                .digest(subject),
                .text(kind.rawValue),
                .name(tag)
            )
        }
    }

    /// Forgets which manifests refer to something because of a tag.
    public func removeTagReferrers(_ tag: Tag, in repository: RepositoryID) throws {
        try post(Statements.deleteTagEdges, .id(repository), .name(tag))
    }

    /// At most `limit` manifests of a repository that refer to a subject, after a digest, in the order of digests.
    ///
    /// Each once, by whichever ways it refers; only those that are there; with an artifact type only those of it. Their
    /// bytes are not read.
    public func referrers(
        of subject: Digest,
        in repository: RepositoryName,
        artifactType: String?,
        after digest: Digest?,
        limit: Int
    ) throws -> [ManifestFact] {
        let rows = try rows(
            Statements.referrers,
            .name(repository),
            .digest(subject),
            .text(digest?.description ?? ""),
            .optional(artifactType),
            .count(limit)
        )
        return try rows.map { try $0.manifestFact() }
    }
}
