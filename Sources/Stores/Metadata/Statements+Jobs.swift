/// Work that lasts, as its queue and the management see it.
extension Statements {
    static let jobsGroup = [
        insertJob, jobOfKey, job, jobs, jobsOfKind, jobsInState, jobsOfKindInState, jobCount,
        endJob, moveJob, wishOfJob, jobLog, insertJobLogLine, deleteJobLogLines,
    ]

    static let insertJob = Statement(
        """
        INSERT INTO job
               (kind, arguments, priority, state, key_name, attempts, attempt_max, due_at, created_at, created_by,
                fence, done)
        VALUES ($1, $2, $3, 'queued', $4, 0, $5, {now} + $6, {now}, $7, 0, 0)
            ON CONFLICT (key_name) WHERE state IN ('queued', 'running', 'paused') DO NOTHING
            RETURNING id
        """
    )

    static let jobOfKey = Statement(
        "SELECT id FROM job WHERE key_name = $1 AND state IN ('queued', 'running', 'paused')"
    )

    static let job = Statement(
        """
        SELECT id, kind, arguments, priority, state, key_name, attempts, attempt_max, due_at, created_at, created_by,
               started_at, ended_at, runner, lease_until, fence, wish, checkpoint, done, total, unit, outcome
          FROM job
         WHERE id = $1
        """
    )

    // MARK: Lists, without the checkpoints, which are large; each walks an index between two places in it

    static let jobs = Statement(
        """
        SELECT id, kind, arguments, priority, state, key_name, attempts, attempt_max, due_at, created_at, created_by,
               started_at, ended_at, runner, lease_until, fence, wish, CAST(NULL AS TEXT), done, total, unit, outcome
          FROM job
         WHERE id < $1
         ORDER BY id DESC
         LIMIT $2
        """
    )

    static let jobsOfKind = Statement(
        """
        SELECT id, kind, arguments, priority, state, key_name, attempts, attempt_max, due_at, created_at, created_by,
               started_at, ended_at, runner, lease_until, fence, wish, CAST(NULL AS TEXT), done, total, unit, outcome
          FROM job
         WHERE kind >= $3 AND (kind, id) < ($3, $1)
         ORDER BY kind DESC, id DESC
         LIMIT $2
        """
    )

    static let jobsInState = Statement(
        """
        SELECT id, kind, arguments, priority, state, key_name, attempts, attempt_max, due_at, created_at, created_by,
               started_at, ended_at, runner, lease_until, fence, wish, CAST(NULL AS TEXT), done, total, unit, outcome
          FROM job
         WHERE state >= $3 AND (state, id) < ($3, $1)
         ORDER BY state DESC, id DESC
         LIMIT $2
        """
    )

    static let jobsOfKindInState = Statement(
        """
        SELECT id, kind, arguments, priority, state, key_name, attempts, attempt_max, due_at, created_at, created_by,
               started_at, ended_at, runner, lease_until, fence, wish, CAST(NULL AS TEXT), done, total, unit, outcome
          FROM job
         WHERE kind = $3 AND state >= $4 AND (state, id) < ($4, $1)
         ORDER BY state DESC, id DESC
         LIMIT $2
        """
    )

    static let jobCount = Statement(
        "SELECT COUNT(*) FROM (SELECT 1 FROM job WHERE state = $1 LIMIT $2) AS c"
    )

    // MARK: Changes by whoever knows that nobody else writes about the job

    static let endJob = Statement(
        """
        UPDATE job
           SET state = $2, outcome = $3, ended_at = {now}, runner = NULL, lease_until = NULL, wish = NULL,
               fence = fence + 1
         WHERE id = $1
        """
    )

    /// Into a state in which nobody runs it and from which it may be run.
    static let moveJob = Statement(
        """
        UPDATE job
           SET state = $2, due_at = {now} + $3, attempts = attempts - $4, outcome = COALESCE($5, outcome),
               runner = NULL, lease_until = NULL, wish = NULL, fence = fence + 1
         WHERE id = $1
        """
    )

    static let wishOfJob = Statement("UPDATE job SET wish = $2 WHERE id = $1")

    // MARK: The log

    static let jobLog = Statement(
        "SELECT number, at, level, text FROM job_log WHERE job = $1 AND number > $2 ORDER BY number LIMIT $3"
    )

    static let insertJobLogLine = Statement(
        """
        INSERT INTO job_log (job, number, at, level, text)
        VALUES ($1, COALESCE((SELECT MAX(number) FROM job_log WHERE job = $1), 0) + 1, {now}, $2, $3)
            RETURNING number
        """
    )

    static let deleteJobLogLines = Statement("DELETE FROM job_log WHERE job = $1 AND number <= $2")
}
