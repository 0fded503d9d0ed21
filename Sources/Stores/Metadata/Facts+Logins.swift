/// Failed logins, by the clock of the database.
extension Facts {
    /// What is held against two subjects, of each that has something.
    public func loginFailures(of first: String, _ second: String) throws -> [LoginFailureFact] {
        try rows(Statements.loginFailures, .text(first), .text(second)).map { row in
            LoginFailureFact(
                subject: try row.text(0),
                failures: Int(clamping: try row.integer(1)),
                wait: .microseconds(try row.integer(2)),
                hold: .microseconds(try row.integer(3))
            )
        }
    }

    /// Holds something against a subject, in place of what was held.
    public func putLoginFailures(_ fact: LoginFailureFact) throws {
        try post(
            Statements.putLoginFailures,
            .text(fact.subject),
            .count(fact.failures),
            .integer(fact.wait.inMicroseconds),
            .integer(fact.hold.inMicroseconds)
        )
    }

    /// Holds nothing against a subject any more.
    public func deleteLoginFailures(of subject: String) throws {
        try run(Statements.deleteLoginFailures, .text(subject))
    }

    /// Forgets what is over, and what is over first where there are more than `countMax`; how many.
    @discardableResult
    public func deleteOldLoginFailures(keeping countMax: Int) throws -> Int {
        try run(Statements.deleteOldLoginFailures, .count(countMax))
    }
}
