/// The tables of the quotas: what may be used, what is, and who has room for how much more.
extension Schema {
    /// - `quota.scope` is what a quota is of: nothing for the installation, `project:team`, `repository:team/app`.
    /// - `quota.position` is the name of the repository up to which all is counted, while the state is `counting`. What
    ///   is `removed` is cleared away by and by.
    /// - A *share* is a part of the room that is left. Each connection takes from the share of its own, so that pushes
    ///   do not wait for each other; what has no room fetches some from the pool, which is the share -1. The room of
    ///   all together, and all that is used, are the limit.
    /// - `quota_member.position` is up to where the content of a repository is counted: `b` and a digest for blobs,
    ///   then `m` and a digest for manifests, then `t` and a tag; `~` when all is.
    /// - `quota_link` has a row for each repository of a project that links a blob; a blob counts if there is one. None
    ///   for a repository, which has `repository_blob`, and none for the installation, which has `blob`.
    ///   Where the trash does not count, a repository has them as well, and a link has one as long as it counts.
    /// - No foreign keys: what is left of a quota that is gone is cleared away later, and numbers are never used again.
    static let quotas = [
        Statement(
            """
            CREATE TABLE quota (
                id {identity},
                scope TEXT {bytewise} NOT NULL UNIQUE,
                bytes_max BIGINT,
                tags_max BIGINT,
                repositories_max BIGINT,
                warn_percent BIGINT NOT NULL,
                state TEXT {bytewise} NOT NULL CHECK (state IN ('counting', 'counted', 'removed')),
                position TEXT {bytewise} NOT NULL,
                warned_at BIGINT,
                created_at BIGINT NOT NULL
            )
            """
        ),
        Statement("CREATE INDEX quota_by_state ON quota (state, id)"),
        Statement(
            """
            CREATE TABLE quota_share (
                quota BIGINT NOT NULL,
                number BIGINT NOT NULL,
                used_bytes BIGINT NOT NULL,
                used_tags BIGINT NOT NULL,
                used_repositories BIGINT NOT NULL,
                room_bytes BIGINT NOT NULL,
                room_tags BIGINT NOT NULL,
                room_repositories BIGINT NOT NULL,
                PRIMARY KEY (quota, number),
                CONSTRAINT quota_room
                    CHECK (number < 0 OR (room_bytes >= 0 AND room_tags >= 0 AND room_repositories >= 0))
            ) {hot}
            """
        ),
        Statement(
            """
            CREATE TABLE quota_member (
                repository BIGINT NOT NULL,
                quota BIGINT NOT NULL,
                position TEXT {bytewise} NOT NULL,
                PRIMARY KEY (repository, quota)
            ) {keyed}
            """
        ),
        Statement("CREATE INDEX quota_member_by_quota ON quota_member (quota, repository)"),
        Statement(
            """
            CREATE TABLE quota_link (
                quota BIGINT NOT NULL,
                digest TEXT {bytewise} NOT NULL,
                repository BIGINT NOT NULL,
                PRIMARY KEY (quota, digest, repository)
            ) {keyed}
            """
        ),
    ]

    /// The shares once more, without a rule that each change was held to.
    ///
    /// PostgreSQL reads such a rule anew for each statement, which took half of the time of counting. Who takes room
    /// leaves nothing in its place where there is too little, and that no column may have.
    static let quotaShares = [
        Statement("ALTER TABLE quota_share RENAME TO quota_share_ruled"),
        Statement(
            """
            CREATE TABLE quota_share (
                quota BIGINT NOT NULL,
                number BIGINT NOT NULL,
                used_bytes BIGINT NOT NULL,
                used_tags BIGINT NOT NULL,
                used_repositories BIGINT NOT NULL,
                room_bytes BIGINT NOT NULL,
                room_tags BIGINT NOT NULL,
                room_repositories BIGINT NOT NULL,
                PRIMARY KEY (quota, number)
            ) {hot}
            """
        ),
        Statement(
            """
            INSERT INTO quota_share (quota, number, used_bytes, used_tags, used_repositories, room_bytes, room_tags,
                                     room_repositories)
            SELECT quota, number, used_bytes, used_tags, used_repositories, room_bytes, room_tags, room_repositories
              FROM quota_share_ruled
            """
        ),
        Statement("DROP TABLE quota_share_ruled"),
    ]

    /// Whether what only the trash needs counts in a quota.
    static let quotasWithoutTrash = [
        Statement("ALTER TABLE quota ADD COLUMN counts_trash BIGINT NOT NULL DEFAULT 1")
    ]
}
