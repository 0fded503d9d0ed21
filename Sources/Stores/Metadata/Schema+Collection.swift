/// The tables of the collection: what is to be looked at, and what is on its way out.
extension Schema {
    /// - `repository_blob.idle_since` is the moment since which nobody has looked whether the link is needed; nothing
    ///   where somebody has, and nothing has changed since.
    /// - `former_link` has the links that the collection removed lately: a client may have been told just before that
    ///   the blob is there.
    /// - `doomed_blob` has the blobs whose last link went. Whoever links one again leaves the row: it is looked at once
    ///   more before the blob goes.
    /// - `doomed_key` has the keys of bytes that no row of `blob` names any more, and never will again.
    /// - `former_link.digest` and `doomed_blob.digest` have no foreign key: they may outlive the blob, for a moment.
    static let collection = [
        // The largest table first: what is locked before it would stay locked for as long.
        Statement("ALTER TABLE repository_blob ADD COLUMN idle_since BIGINT"),
        Statement("CREATE INDEX repository_blob_idle ON repository_blob (idle_since) WHERE idle_since IS NOT NULL"),
        Statement(
            """
            CREATE TABLE former_link (
                repository BIGINT NOT NULL,
                digest TEXT {bytewise} NOT NULL,
                removed_at BIGINT NOT NULL,
                PRIMARY KEY (repository, digest)
            ) {keyed}
            """
        ),
        Statement("CREATE INDEX former_link_by_age ON former_link (removed_at)"),
        Statement("CREATE INDEX former_link_by_digest ON former_link (digest)"),
        Statement(
            """
            CREATE TABLE doomed_blob (
                digest TEXT {bytewise} NOT NULL PRIMARY KEY,
                unlinked_at BIGINT NOT NULL
            ) {keyed}
            """
        ),
        Statement("CREATE INDEX doomed_blob_by_age ON doomed_blob (unlinked_at)"),
        Statement(
            """
            CREATE TABLE doomed_key (
                storage_key TEXT {bytewise} NOT NULL PRIMARY KEY,
                digest TEXT {bytewise} NOT NULL,
                byte_count BIGINT NOT NULL,
                doomed_at BIGINT NOT NULL
            ) {keyed}
            """
        ),
    ]
}
