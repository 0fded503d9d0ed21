/// What the care for stored bytes needs: the order in which they are read again, what is damaged, what is read-only.
extension Schema {
    /// - `blob_by_look` has the blobs in the order in which their bytes are read again. Those that are not served are
    ///   among them: an index of the others would be taken for questions that it does not answer. What came was hashed
    ///   on its way, so that a blob nobody has looked at counts as looked at when it was stored.
    /// - `blob_quarantined` has those whose bytes were found to be damaged, and which are not served.
    /// - `damage` tells what was found. The row of a blob says something only while that is quarantined: a program of
    ///   before mends it and leaves the row. That of a manifest stands until its bytes were found to be whole.
    /// - `read_only` has what nobody may change, by a project or `*` for everything.
    static let care = [
        // The largest table first: what is locked before it would stay locked for as long.
        Statement("CREATE INDEX blob_by_look ON blob (COALESCE(verified_at, stored_at), digest)"),
        Statement("CREATE INDEX blob_quarantined ON blob (state, digest) WHERE state = 'quarantined'"),
        Statement(
            """
            CREATE TABLE damage (
                digest TEXT {bytewise} NOT NULL,
                kind TEXT {bytewise} NOT NULL CHECK (kind IN ('blob', 'manifest')),
                problem TEXT NOT NULL,
                found_at BIGINT NOT NULL,
                looked_at BIGINT NOT NULL,
                PRIMARY KEY (digest, kind)
            ) {keyed}
            """
        ),
        Statement(
            """
            CREATE TABLE read_only (
                scope TEXT {bytewise} NOT NULL PRIMARY KEY,
                reason TEXT NOT NULL,
                set_at BIGINT NOT NULL,
                set_by TEXT NOT NULL
            ) {keyed}
            """
        ),
    ]
}
