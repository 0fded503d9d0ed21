/// The tables of the trash: what was deleted and can be brought back.
extension Schema {
    /// - `trash` has a row for each deletion. `name` is what a deleted repository was called: its row of `repository`
    ///   has a name meanwhile that no client can say. `purge_at` is 0 where purging has begun, and nothing comes back.
    /// - The rows of a deleted manifest are in `trash_manifest`, `trash_edge` and `trash_tag`, so that those of the
    ///   living hold nothing dead. A manifest may be in the trash more than once, each time with the tags that it had.
    /// - `trash_edge` has also the referrers that came by a deleted tag; the `tag` of all others is empty.
    /// - The columns of a key come first: where others stood between them, the integrity check of SQLite would find an
    ///   empty value in a column that has none.
    /// - Moments are those of the database's clock.
    static let trash = [
        Statement(
            """
            CREATE TABLE trash (
                id {identity},
                kind TEXT {bytewise} NOT NULL CHECK (kind IN ('tag', 'manifest', 'repository')),
                repository BIGINT NOT NULL REFERENCES repository (id),
                name TEXT {bytewise},
                tag TEXT {bytewise},
                digest TEXT {bytewise},
                byte_count BIGINT,
                deleted_at BIGINT NOT NULL,
                deleted_by TEXT NOT NULL,
                purge_at BIGINT NOT NULL
            )
            """
        ),
        Statement("CREATE INDEX trash_by_repository ON trash (repository, id)"),
        Statement("CREATE UNIQUE INDEX trash_of_repository ON trash (repository) WHERE name IS NOT NULL"),
        Statement("CREATE INDEX trash_by_name ON trash (name, id) WHERE name IS NOT NULL"),
        Statement("CREATE INDEX trash_by_digest ON trash (repository, digest, kind, id) WHERE digest IS NOT NULL"),
        Statement("CREATE INDEX trash_by_due ON trash (purge_at, id)"),
        Statement(
            """
            CREATE TABLE trash_manifest (
                entry BIGINT NOT NULL PRIMARY KEY REFERENCES trash (id),
                repository BIGINT NOT NULL,
                digest TEXT {bytewise} NOT NULL REFERENCES manifest_content (digest),
                media_type TEXT NOT NULL,
                artifact_type TEXT,
                subject TEXT {bytewise},
                pushed_at BIGINT NOT NULL,
                pushed_by TEXT NOT NULL
            ) {keyed}
            """
        ),
        Statement("CREATE INDEX trash_manifest_by_digest ON trash_manifest (digest, repository)"),
        Statement(
            """
            CREATE TABLE trash_edge (
                entry BIGINT NOT NULL REFERENCES trash (id),
                tag TEXT {bytewise} NOT NULL,
                manifest TEXT {bytewise} NOT NULL,
                child TEXT {bytewise} NOT NULL,
                kind TEXT {bytewise} NOT NULL,
                repository BIGINT NOT NULL,
                PRIMARY KEY (entry, tag, manifest, child, kind)
            ) {keyed}
            """
        ),
        Statement("CREATE INDEX trash_edge_by_child ON trash_edge (repository, child, kind)"),
        Statement(
            """
            CREATE TABLE trash_tag (
                entry BIGINT NOT NULL REFERENCES trash (id),
                name TEXT {bytewise} NOT NULL,
                PRIMARY KEY (entry, name)
            ) {keyed}
            """
        ),
    ]
}
