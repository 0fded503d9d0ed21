/// The table of failed logins.
extension Schema {
    /// What is held against an account at an address, or against an address, whose names are hashed: nobody's password,
    /// typed into the wrong field, is to be read here.
    ///
    /// - `waits_until` is when the next login may be tried, or when an address has all of its failures back; by the
    ///   clock of the database, as `held_until` is: those of the servers may be minutes apart.
    /// - What `held_until` has passed is as if it were not there.
    static let logins = [
        Statement(
            """
            CREATE TABLE login_failure (
                subject TEXT {bytewise} NOT NULL PRIMARY KEY,
                failures BIGINT NOT NULL,
                waits_until BIGINT NOT NULL,
                held_until BIGINT NOT NULL
            ) {keyed}
            """
        ),
        Statement("CREATE INDEX login_failure_by_end ON login_failure (held_until)"),
    ]
}
