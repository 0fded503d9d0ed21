/// Failed logins; every moment is told as the time from now, by the clock of the database.
extension Statements {
    static let loginsGroup = [
        loginFailures, putLoginFailures, deleteLoginFailures, deleteOldLoginFailures,
    ]

    static let loginFailures = Statement(
        """
        SELECT subject, failures, waits_until - {now}, held_until - {now}
            FROM login_failure WHERE subject IN ($1, $2) AND held_until > {now}
        """
    )
    static let putLoginFailures = Statement(
        """
        INSERT INTO login_failure (subject, failures, waits_until, held_until)
            VALUES ($1, $2, {now} + $3, {now} + $4)
            ON CONFLICT (subject) DO UPDATE SET
                failures = excluded.failures, waits_until = excluded.waits_until, held_until = excluded.held_until
        """
    )
    static let deleteLoginFailures = Statement("DELETE FROM login_failure WHERE subject = $1")
    /// What has ended, and of the others those that end first, where there are more than a number.
    static let deleteOldLoginFailures = Statement(
        """
        DELETE FROM login_failure WHERE held_until <= COALESCE(
            (SELECT held_until FROM login_failure WHERE held_until > {now}
                ORDER BY held_until DESC LIMIT 1 OFFSET $1),
            {now}
        )
        """
    )
}
