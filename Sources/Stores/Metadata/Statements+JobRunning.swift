/// Work that lasts, as those see it who do it.
///
/// A list of kinds is one text, with a space before and behind each.
extension Statements {
    static let jobRunningGroup = [
        dueWork, endedLeases, claimJob, renewJob, saveJob, jobsEndedFor, jobsEndedBeyond, deleteJob,
    ]

    /// Whether a job is due, whether the time of one that runs is over, and whether that of a schedule has come.
    static let dueWork = Statement(
        """
        SELECT CASE WHEN COALESCE(
                      (SELECT id FROM job
                       WHERE state = 'queued' AND priority = 0 AND due_at <= {now}
                         AND $1 <> REPLACE($1, ' ' || kind || ' ', '')
                       ORDER BY due_at, id LIMIT 1),
                      (SELECT id FROM job
                       WHERE state = 'queued' AND priority = 1 AND due_at <= {now}
                         AND $1 <> REPLACE($1, ' ' || kind || ' ', '')
                       ORDER BY due_at, id LIMIT 1),
                      (SELECT id FROM job
                       WHERE state = 'queued' AND priority = 2 AND due_at <= {now}
                         AND $1 <> REPLACE($1, ' ' || kind || ' ', '')
                       ORDER BY due_at, id LIMIT 1)
               ) IS NULL THEN 0 ELSE 1 END,
               CASE WHEN (
                      SELECT id FROM job
                       WHERE lease_until < {now}
                       ORDER BY lease_until, id LIMIT 1
               ) IS NULL THEN 0 ELSE 1 END,
               CASE WHEN (
                      SELECT name FROM job_schedule
                       WHERE is_paused = 0 AND next_at <= {now} AND $1 <> REPLACE($1, ' ' || kind || ' ', '')
                       ORDER BY next_at LIMIT 1
               ) IS NULL THEN 0 ELSE 1 END
        """
    )

    static let endedLeases = Statement(
        """
        SELECT id FROM job
         WHERE lease_until < {now}
         ORDER BY lease_until, id
         LIMIT $1 {skip locked}
        """
    )

    /// Each priority is looked for by itself, so that none passes over jobs of another that are not due.
    static let claimJob = Statement(
        """
        UPDATE job
           SET state = 'running', attempts = attempts + 1, fence = fence + 1, runner = $1, lease_until = {now} + $2,
               started_at = COALESCE(started_at, {now}), wish = NULL
         WHERE id = COALESCE(
            (SELECT id FROM job
              WHERE state = 'queued' AND priority = 0 AND due_at <= {now}
                AND $3 <> REPLACE($3, ' ' || kind || ' ', '')
              ORDER BY due_at, id LIMIT 1 {skip locked}),
            (SELECT id FROM job
              WHERE state = 'queued' AND priority = 1 AND due_at <= {now}
                AND $3 <> REPLACE($3, ' ' || kind || ' ', '')
              ORDER BY due_at, id LIMIT 1 {skip locked}),
            (SELECT id FROM job
              WHERE state = 'queued' AND priority = 2 AND due_at <= {now} AND $4 = 1
                AND $3 <> REPLACE($3, ' ' || kind || ' ', '')
              ORDER BY due_at, id LIMIT 1 {skip locked})
         )
        RETURNING id, kind, arguments, priority, state, key_name, attempts, attempt_max, due_at, created_at, created_by,
               started_at, ended_at, runner, lease_until, fence, wish, checkpoint, done, total, unit, outcome
        """
    )

    static let renewJob = Statement(
        """
        UPDATE job SET lease_until = {now} + $3
         WHERE id = $1 AND fence = $2 AND state = 'running'
        RETURNING wish
        """
    )

    static let saveJob = Statement(
        """
        UPDATE job SET checkpoint = COALESCE($3, checkpoint), done = $4, total = $5, unit = $6
         WHERE id = $1 AND fence = $2 AND state = 'running'
        """
    )

    // MARK: What has ended

    static let jobsEndedFor = Statement(
        """
        SELECT id FROM job WHERE ended_at < {now} - $1 ORDER BY ended_at, id LIMIT $2
        """
    )

    /// Those that are too many, from the newest on.
    static let jobsEndedBeyond = Statement(
        """
        SELECT id FROM job WHERE ended_at IS NOT NULL ORDER BY ended_at DESC, id DESC LIMIT $2 OFFSET $1
        """
    )

    static let deleteJob = Statement("DELETE FROM job WHERE id = $1")
}
