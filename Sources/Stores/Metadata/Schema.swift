/// The tables, and the steps that lead to them.
///
/// - Digests, names and kinds are text, so that a database can be read with `sqlite3` or `psql` when all else fails.
/// - Moments are microseconds since 1970. Names and digests sort by their bytes.
/// - What is found by its whole key, or by the beginning of it, has no other order on disk.
/// - A step that was released is never changed; the schema changes by another one.
enum Schema {
    /// A step from one version to the next.
    struct Migration: Sendable {
        /// The version that the step leads to.
        let version: Int64
        /// The oldest program that can go on with a database that has taken the step.
        ///
        /// A step that only adds tables, indexes, and columns that may stay empty leaves this at the program before, so
        /// that of many replicas one after another can be replaced.
        let oldestProgram: Int64
        /// What it does, in order.
        let statements: [Statement]

        init(version: Int64, oldestProgram: Int64? = nil, statements: [Statement]) {
            self.version = version
            self.oldestProgram = oldestProgram ?? version
            self.statements = statements
        }
    }

    /// Every step, in order, without a gap.
    static let migrations = [
        Migration(version: 1, statements: repositories + blobs + manifests + tags + uploads + usage),
        Migration(version: 2, statements: access),
        Migration(version: 3, statements: administration),
        Migration(version: 4, statements: audit),
        Migration(version: 5, oldestProgram: 4, statements: replicas),
        Migration(version: 6, oldestProgram: 4, statements: installation),
        Migration(version: 7, oldestProgram: 4, statements: growth),
        Migration(version: 8, oldestProgram: 4, statements: logins),
        Migration(version: 9, oldestProgram: 4, statements: jobs),
        Migration(version: 10, oldestProgram: 4, statements: events),
        Migration(version: 11, oldestProgram: 4, statements: collection),
        Migration(version: 12, oldestProgram: 4, statements: tagGuards),
        Migration(version: 13, oldestProgram: 4, statements: care),
        Migration(version: 14, oldestProgram: 4, statements: trash),
        Migration(version: 15, oldestProgram: 4, statements: quotas),
        Migration(version: 16, oldestProgram: 4, statements: endedTagGuards),
        Migration(version: 17, oldestProgram: 4, statements: quotaShares),
        Migration(version: 18, oldestProgram: 4, statements: quotasWithoutTrash),
        Migration(version: 19, oldestProgram: 4, statements: agedTagEvents),
        Migration(version: 20, oldestProgram: 4, statements: trashProjects),
    ]

    /// What keeps count of the steps; there before the first.
    static let ground = Statement(
        "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL PRIMARY KEY)"
    )

    /// The version that this program knows.
    static var version: Int64 {
        Int64(migrations.count)
    }

    /// The version of a database; 0 before the first step.
    static func version(on connection: any SQLConnection) throws -> Int64 {
        let rows = try connection.rows(Statements.schemaVersion, [])
        return try rows.first.map(Row.init)?.integer(0) ?? 0
    }

    /// The oldest program that can go on with a database; one that has no such column is older than the column.
    static func oldestProgram(on connection: any SQLConnection) throws -> Int64 {
        let rows = try connection.rows(Statements.oldestProgram, [])
        return try rows.first.map(Row.init)?.integer(0) ?? 0
    }

    /// Takes a step, unless another process took it meanwhile.
    static func apply(_ migration: Migration, on connection: any SQLConnection) throws {
        guard try version(on: connection) < migration.version else { return }
        for statement in migration.statements {
            try connection.run(statement, [])
        }
        try connection.run(Statements.insertSchemaVersion, [.integer(migration.version)])
        guard migration.oldestProgram < migration.version else { return }
        try connection.run(
            Statements.setOldestProgram,
            [.integer(migration.version), .integer(migration.oldestProgram)]
        )
    }

    /// Which programs can go on after a step, nothing where only its own can; and an index that finds a manifest of one
    /// repository, however many have it, whichever of the two is looked for first.
    private static let replicas = [
        Statement("ALTER TABLE schema_version ADD COLUMN oldest_program BIGINT"),
        Statement("DROP INDEX manifest_by_digest"),
        Statement("CREATE INDEX manifest_by_digest ON manifest (digest, repository)"),
    ]

    /// What is there once, by name: which blob store the facts are about.
    private static let installation = [
        Statement(
            """
            CREATE TABLE installation (
                name TEXT {bytewise} NOT NULL PRIMARY KEY,
                value TEXT NOT NULL
            ) {keyed}
            """
        )
    ]

    /// Indexes that begin a page of credentials, of one account or of all, where the one before ended; and one that
    /// finds the indexes that name a manifest, however many manifests refer to it.
    private static let growth = [
        // The largest table first: what is locked before it would stay locked for as long.
        Statement("CREATE INDEX edge_by_member ON edge (repository, child, manifest) WHERE kind = 'manifest'"),
        Statement("CREATE INDEX credential_by_kind ON credential (kind, id)"),
        Statement("DROP INDEX credential_by_account"),
        Statement("CREATE INDEX credential_by_account ON credential (account, kind, id)"),
    ]

    private static let repositories = [
        Statement(
            """
            CREATE TABLE repository (
                id {identity},
                name TEXT {bytewise} NOT NULL UNIQUE,
                project TEXT {bytewise} NOT NULL,
                created_at BIGINT NOT NULL
            )
            """
        )
    ]

    /// One row a blob for the whole installation; a link is what lets a repository read it.
    private static let blobs = [
        Statement(
            """
            CREATE TABLE blob (
                digest TEXT {bytewise} NOT NULL PRIMARY KEY,
                byte_count BIGINT NOT NULL,
                storage_key TEXT {bytewise} NOT NULL,
                stored_at BIGINT NOT NULL,
                verified_at BIGINT,
                state TEXT {bytewise} NOT NULL DEFAULT 'stored' CHECK (state IN ('stored', 'quarantined'))
            ) {keyed}
            """
        ),
        Statement(
            """
            CREATE TABLE repository_blob (
                repository BIGINT NOT NULL REFERENCES repository (id),
                digest TEXT {bytewise} NOT NULL REFERENCES blob (digest),
                linked_at BIGINT NOT NULL,
                PRIMARY KEY (repository, digest)
            ) {keyed}
            """
        ),
        Statement("CREATE INDEX repository_blob_by_digest ON repository_blob (digest, repository)"),
    ]

    /// The bytes are there once, whatever repositories have the manifest, and as what.
    ///
    /// An edge leads from the manifest to what it names. Those of the kinds fallback and cosign came by a tag, and
    /// neither end of them need be there; all others have an empty tag and go with the manifest.
    private static let manifests = [
        Statement(
            """
            CREATE TABLE manifest_content (
                digest TEXT {bytewise} NOT NULL PRIMARY KEY,
                byte_count BIGINT NOT NULL,
                bytes {bytes} NOT NULL
            )
            """
        ),
        Statement(
            """
            CREATE TABLE manifest (
                repository BIGINT NOT NULL REFERENCES repository (id),
                digest TEXT {bytewise} NOT NULL REFERENCES manifest_content (digest),
                media_type TEXT NOT NULL,
                artifact_type TEXT,
                subject TEXT {bytewise},
                pushed_at BIGINT NOT NULL,
                pushed_by TEXT NOT NULL,
                PRIMARY KEY (repository, digest)
            ) {keyed}
            """
        ),
        Statement("CREATE INDEX manifest_by_digest ON manifest (digest)"),
        Statement(
            """
            CREATE TABLE edge (
                repository BIGINT NOT NULL REFERENCES repository (id),
                manifest TEXT {bytewise} NOT NULL,
                child TEXT {bytewise} NOT NULL,
                kind TEXT {bytewise} NOT NULL
                    CHECK (kind IN ('config', 'layer', 'manifest', 'subject', 'fallback', 'cosign')),
                tag TEXT {bytewise} NOT NULL DEFAULT '',
                PRIMARY KEY (repository, manifest, child, kind, tag)
            ) {keyed}
            """
        ),
        Statement("CREATE INDEX edge_by_child ON edge (repository, child, manifest, kind, tag)"),
        Statement("CREATE INDEX edge_by_tag ON edge (repository, tag) WHERE tag <> ''"),
    ]

    /// Where a tag points, and every move that led there.
    private static let tags = [
        Statement(
            """
            CREATE TABLE tag (
                repository BIGINT NOT NULL,
                name TEXT {bytewise} NOT NULL,
                digest TEXT {bytewise} NOT NULL,
                version BIGINT NOT NULL,
                moved_at BIGINT NOT NULL,
                moved_by TEXT NOT NULL,
                PRIMARY KEY (repository, name),
                FOREIGN KEY (repository, digest) REFERENCES manifest (repository, digest)
            ) {keyed}
            """
        ),
        Statement("CREATE INDEX tag_by_digest ON tag (repository, digest, name)"),
        Statement(
            """
            CREATE TABLE tag_event (
                repository BIGINT NOT NULL REFERENCES repository (id),
                name TEXT {bytewise} NOT NULL,
                version BIGINT NOT NULL,
                old_digest TEXT {bytewise},
                new_digest TEXT {bytewise},
                moved_at BIGINT NOT NULL,
                moved_by TEXT NOT NULL,
                PRIMARY KEY (repository, name, version)
            ) {keyed}
            """
        ),
    ]

    /// The repository is a name here: an upload does not make one.
    private static let uploads = [
        Statement(
            """
            CREATE TABLE upload (
                id TEXT {bytewise} NOT NULL PRIMARY KEY,
                repository TEXT {bytewise} NOT NULL,
                storage_key TEXT {bytewise} NOT NULL,
                byte_count BIGINT NOT NULL,
                hash_state {bytes} NOT NULL,
                algorithm TEXT NOT NULL,
                parts {bytes},
                started_at BIGINT NOT NULL,
                touched_at BIGINT NOT NULL,
                started_by TEXT NOT NULL
            ) {keyed}
            """
        ),
        Statement("CREATE INDEX upload_by_touch ON upload (touched_at, id)"),
    ]

    private static let usage = [
        Statement("CREATE TABLE usage_total (blob_count BIGINT NOT NULL, byte_count BIGINT NOT NULL)"),
        Statement("INSERT INTO usage_total (blob_count, byte_count) VALUES (0, 0)"),
        Statement(
            """
            CREATE TABLE usage_change (
                id {identity},
                blob_count BIGINT NOT NULL,
                byte_count BIGINT NOT NULL
            )
            """
        ),
    ]
}
