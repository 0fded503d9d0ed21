/// The tables of what holds tags where they are.
extension Schema {
    /// - `tag_rule` has the rules of projects; `terms` is a document that this module does not read.
    /// - `tag_guard` has locks by hand, and glass that was broken, which ends by itself. The tag need not be there, and
    ///   numbers of repositories are never given twice, so that nothing refers to either.
    static let tagGuards = [
        Statement(
            """
            CREATE TABLE tag_rule (
                project TEXT {bytewise} NOT NULL,
                name TEXT {bytewise} NOT NULL,
                kind TEXT {bytewise} NOT NULL,
                terms TEXT NOT NULL,
                created_at BIGINT NOT NULL,
                PRIMARY KEY (project, name)
            ) {keyed}
            """
        ),
        Statement(
            """
            CREATE TABLE tag_guard (
                repository BIGINT NOT NULL,
                name TEXT {bytewise} NOT NULL,
                kind TEXT {bytewise} NOT NULL CHECK (kind IN ('lock', 'glass')),
                reason TEXT NOT NULL,
                set_at BIGINT NOT NULL,
                set_by TEXT NOT NULL,
                ends_at BIGINT,
                PRIMARY KEY (repository, name, kind)
            ) {keyed}
            """
        ),
    ]

    /// Finds the words that have ended, whatever they are about.
    static let endedTagGuards = [
        Statement(
            "CREATE INDEX tag_guard_by_end ON tag_guard (ends_at, repository, name, kind) WHERE ends_at IS NOT NULL"
        )
    ]
}
