import Metadata
import Synchronization

/// Failed logins by a password, as all servers over one database count them.
///
/// It is asked only after a password was compared, which takes a core for a tenth of a second and more: neither a
/// request whose password is remembered nor a token costs a statement, and nobody fills the table faster than passwords
/// are compared. What the database cannot be told, or does not tell, counts at one server alone.
public final class LoginRecord: Sendable {
    /// What is held against somebody.
    struct Standing: Sendable, Hashable {
        /// Failures in a row of the account at the address.
        var failures = 0
        /// How long its next login has to wait; below zero when it has waited.
        var wait = Duration.zero
        /// How long it takes until the address has all of its failures back.
        var debt = Duration.zero

        /// Whether nobody may try now.
        func isWaiting(under rule: LoginRule) -> Bool {
            failures > 0 && wait > .zero || debt > rule.perAddress.window - rule.timePerFailure
        }
    }

    /// How long a database that could not be reached is not asked.
    private static let restTime = Duration.seconds(5)

    private let facts: FactStore
    private let now: @Sendable () -> Duration
    private let troubled: @Sendable (any Error) -> Void
    private let restsUntil = Mutex<Duration?>(nil)

    /// Keeps failures in a database.
    ///
    /// - Parameters:
    ///   - facts: the database.
    ///   - now: the time since any fixed moment; it never goes back.
    ///   - troubled: hears why the database could not be asked; it is then left alone for some seconds.
    public init(
        _ facts: FactStore,
        now: @escaping @Sendable () -> Duration,
        troubled: @escaping @Sendable (any Error) -> Void = { _ in }
    ) {
        (self.facts, self.now, self.troubled) = (facts, now, troubled)
    }

    /// What is held against somebody; nil when the database does not say.
    func standing(of pair: LoginPair, under rule: LoginRule) async -> Standing? {
        await asking { facts in
            try await facts.read { try Self.standing(of: pair, under: rule, in: $0) }
        }
    }

    /// Adds a failure, unless others have brought it so far meanwhile that nobody may try: then this was no try.
    ///
    /// - Returns: what is held against them now, and whether it was added; nil when the database does not say.
    func addFailure(of pair: LoginPair, under rule: LoginRule) async -> (standing: Standing, isAdded: Bool)? {
        await asking { facts in
            try await facts.write { facts in
                var standing = try Self.standing(of: pair, under: rule, in: facts)
                guard !standing.isWaiting(under: rule) else { return (standing, false) }
                standing.failures += 1
                standing.wait = rule.delay(standing.failures)
                standing.debt = max(.zero, standing.debt) + rule.timePerFailure
                try facts.putLoginFailures(
                    LoginFailureFact(
                        subject: pair.subject,
                        failures: standing.failures,
                        wait: standing.wait,
                        hold: standing.wait + rule.lockTime
                    )
                )
                try facts.putLoginFailures(
                    LoginFailureFact(
                        subject: pair.addressSubject,
                        failures: 1,
                        wait: standing.debt,
                        hold: standing.debt
                    )
                )
                return (standing, true)
            }
        }
    }

    /// Holds nothing against an account at an address any more.
    func forget(_ pair: LoginPair) async {
        let subject = pair.subject
        _ = await asking { facts in try await facts.write { try $0.deleteLoginFailures(of: subject) } }
    }

    private static func standing(of pair: LoginPair, under rule: LoginRule, in facts: Facts) throws -> Standing {
        var standing = Standing()
        let (subject, addressSubject) = (pair.subject, pair.addressSubject)
        for fact in try facts.loginFailures(of: subject, addressSubject) {
            // A clock that was set back, or another setting at another server, makes no wait longer than the longest.
            let wait = min(fact.wait, rule.lockTime)
            switch fact.subject {
            case subject: (standing.failures, standing.wait) = (fact.failures, wait)
            default: standing.debt = wait
            }
        }
        return standing
    }

    /// What the database says; nil when it cannot be asked.
    ///
    /// In a task of its own: a client that leaves once its password was compared would keep the failure from others.
    private func asking<Value: Sendable>(
        _ body: @escaping @Sendable (FactStore) async throws -> Value
    ) async -> Value? {
        if let end = restsUntil.withLock({ $0 }), now() < end { return nil }
        do {
            return try await Task { [facts] in try await body(facts) }.value
        } catch {
            // Many at once say nothing about whether it can be reached.
            guard (error as? MetadataError)?.code == .unavailable else { return nil }
            let end = now() + Self.restTime
            restsUntil.withLock { $0 = end }
            troubled(error)
            return nil
        }
    }
}
