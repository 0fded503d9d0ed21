extension FactStore {
    /// Returns when every transaction has ended that was under way when it was called, at whatever servers, or after
    /// `patience`; whether they have.
    ///
    /// A write that began before another was committed may, where writes run side by side, be committed after it and
    /// count as before. What such a write must not do any more is so when this returns.
    @discardableResult
    public func settle(for patience: Duration = .seconds(5)) async throws -> Bool {
        let clock = ContinuousClock()
        let end = clock.now + patience
        let moment = try await read { try $0.databaseTime() }
        while try await read({ try $0.hasTransactions(before: moment) }) {
            guard clock.now < end else { return false }
            try await clock.sleep(for: Self.settlingPause)
        }
        return true
    }

    /// Writes take milliseconds.
    private static let settlingPause = Duration.milliseconds(5)
}

extension Facts {
    /// Whether a transaction is under way that began before a moment.
    fileprivate func hasTransactions(before moment: Timestamp) throws -> Bool {
        try row(Statements.transactionCount, .time(moment))?.integer(0) ?? 0 > 0
    }
}
