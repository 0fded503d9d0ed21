/// The tables of work that lasts.
extension Schema {
    /// - `key_name` is had by one unfinished job at most.
    /// - `fence` grows whenever another may write about the job: what writes names it, and changes nothing where it has
    ///   grown since.
    /// - `runner` and `lease_until` are there while somebody runs it.
    /// - `wish` is what the one that runs it is asked to do with it.
    /// - Lines of the log are numbered from 1; the oldest go where there are too many.
    /// - Every moment is one of the database's clock: those of the servers may be minutes apart.
    static let jobs = [
        Statement(
            """
            CREATE TABLE job (
                id {identity},
                kind TEXT {bytewise} NOT NULL,
                arguments TEXT NOT NULL,
                priority BIGINT NOT NULL CHECK (priority IN (0, 1, 2)),
                state TEXT {bytewise} NOT NULL
                    CHECK (state IN ('queued', 'running', 'paused', 'succeeded', 'failed', 'cancelled')),
                key_name TEXT {bytewise},
                attempts BIGINT NOT NULL,
                attempt_max BIGINT NOT NULL,
                due_at BIGINT NOT NULL,
                created_at BIGINT NOT NULL,
                created_by TEXT NOT NULL,
                started_at BIGINT,
                ended_at BIGINT,
                runner TEXT,
                lease_until BIGINT,
                fence BIGINT NOT NULL,
                wish TEXT {bytewise} CHECK (wish IN ('cancel', 'pause')),
                checkpoint TEXT,
                done BIGINT NOT NULL,
                total BIGINT,
                unit TEXT,
                outcome TEXT
            )
            """
        ),
        Statement(
            "CREATE UNIQUE INDEX job_by_key ON job (key_name) WHERE state IN ('queued', 'running', 'paused')"
        ),
        Statement("CREATE INDEX job_queued ON job (priority, due_at, id) WHERE state = 'queued'"),
        Statement("CREATE INDEX job_leased ON job (lease_until, id) WHERE lease_until IS NOT NULL"),
        Statement("CREATE INDEX job_ended ON job (ended_at, id) WHERE ended_at IS NOT NULL"),
        Statement("CREATE INDEX job_by_kind ON job (kind, id)"),
        Statement("CREATE INDEX job_by_state ON job (state, id)"),
        Statement("CREATE INDEX job_by_kind_and_state ON job (kind, state, id)"),
        Statement(
            """
            CREATE TABLE job_log (
                job BIGINT NOT NULL REFERENCES job (id) ON DELETE CASCADE,
                number BIGINT NOT NULL,
                at BIGINT NOT NULL,
                level TEXT {bytewise} NOT NULL CHECK (level IN ('info', 'warning', 'error')),
                text TEXT NOT NULL,
                PRIMARY KEY (job, number)
            ) {keyed}
            """
        ),
        Statement(
            """
            CREATE TABLE job_schedule (
                name TEXT {bytewise} NOT NULL PRIMARY KEY,
                kind TEXT {bytewise} NOT NULL,
                arguments TEXT NOT NULL,
                cron TEXT NOT NULL,
                zone TEXT NOT NULL,
                is_paused BIGINT NOT NULL CHECK (is_paused IN (0, 1)),
                next_at BIGINT NOT NULL,
                last_job BIGINT
            ) {keyed}
            """
        ),
        Statement("CREATE INDEX job_schedule_due ON job_schedule (next_at) WHERE is_paused = 0"),
    ]
}
