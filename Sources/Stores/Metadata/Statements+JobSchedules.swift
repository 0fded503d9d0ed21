/// When work begins by itself.
extension Statements {
    static let jobSchedulesGroup = [
        jobSchedules, jobSchedule, putJobSchedule, pauseJobSchedule, deleteJobSchedule, dueJobSchedules,
        advanceJobSchedule, noteJobOfSchedule, databaseTime,
    ]

    static let jobSchedules = Statement(
        """
        SELECT name, kind, arguments, cron, zone, is_paused, next_at, last_job FROM job_schedule ORDER BY name
        """
    )

    static let jobSchedule = Statement(
        """
        SELECT name, kind, arguments, cron, zone, is_paused, next_at, last_job FROM job_schedule WHERE name = $1
        """
    )

    static let putJobSchedule = Statement(
        """
        INSERT INTO job_schedule (name, kind, arguments, cron, zone, is_paused, next_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (name) DO UPDATE SET
                kind = excluded.kind, arguments = excluded.arguments, cron = excluded.cron, zone = excluded.zone,
                next_at = CASE
                    WHEN job_schedule.cron = excluded.cron AND job_schedule.zone = excluded.zone
                    THEN CASE WHEN job_schedule.next_at > CAST($8 AS BIGINT) THEN CAST($8 AS BIGINT)
                              ELSE job_schedule.next_at END
                    ELSE excluded.next_at
                END
        """
    )

    static let pauseJobSchedule = Statement("UPDATE job_schedule SET is_paused = $2 WHERE name = $1")

    static let deleteJobSchedule = Statement("DELETE FROM job_schedule WHERE name = $1")

    static let dueJobSchedules = Statement(
        """
        SELECT name, kind, arguments, cron, zone, is_paused, next_at, last_job FROM job_schedule
         WHERE is_paused = 0 AND next_at <= {now} AND $1 <> REPLACE($1, ' ' || kind || ' ', '')
         ORDER BY next_at
         LIMIT $2
        """
    )

    static let advanceJobSchedule = Statement(
        "UPDATE job_schedule SET next_at = $3 WHERE name = $1 AND next_at = $2 AND is_paused = 0"
    )

    static let noteJobOfSchedule = Statement("UPDATE job_schedule SET last_job = $2 WHERE name = $1")

    static let databaseTime = Statement("SELECT {now}")
}
