import Metadata

/// What is done about credentials and keys from time to time, so that nothing piles up and nobody is surprised.
public struct CredentialUpkeep: Sendable {
    private let directory: AccessDirectory
    private let warningTime: Duration
    private let keyLifetime: Duration

    /// Looks after the credentials and keys of a directory.
    ///
    /// - Parameters:
    ///   - directory: what remembers them.
    ///   - warningTime: how long before its end a credential is told of.
    ///   - keyLifetime: after how long another key signs tokens.
    public init(_ directory: AccessDirectory, warningTime: Duration, keyLifetime: Duration) {
        self.directory = directory
        self.warningTime = warningTime
        self.keyLifetime = keyLifetime
    }

    /// How long an answer to an idempotency key is kept.
    public static let answerTime = Duration.seconds(86_400)
    /// How long a credential that ended can still be seen.
    static let pastTime = Duration.seconds(7 * 86_400)

    /// What was found.
    public struct Findings: Sendable {
        /// Credentials that end soon, the first to end first; at most ``countMax``.
        public var ending: [CredentialFact]
        /// The id of a key that was made; nil where none was.
        public var newKey: String?

        /// The most credentials that are told of.
        public static let countMax = 1000
    }

    /// Forgets what ended long ago and what no token can stand for any more; how many credentials that were.
    public func clear(at moment: Timestamp) async throws -> Int {
        try await directory.facts.write { facts in
            let count = try facts.deleteCredentials(endedBefore: moment - Self.pastTime)
            try facts.deleteKeptAnswers(before: moment - Self.answerTime)
            if try facts.deleteEndedCredentials(before: moment) > 0 { try facts.growAccessVersion() }
            return count
        }
    }

    /// Looks after the keys, what was used and what ends soon, once.
    public func run(at moment: Timestamp) async throws -> Findings {
        try await directory.writeUses()
        let (warningTime, keyLifetime) = (warningTime, keyLifetime)
        let keys = try await directory.facts.read { try $0.signingKeys() }
        let isKeyDue = keys.last.map { $0.createdAt + keyLifetime <= moment } ?? false
        let old = Self.dispensable(keys, at: moment)
        if isKeyDue || !old.isEmpty {
            let new = isKeyDue ? TokenKeys.newFact(at: moment) : nil
            try await directory.change { facts in
                // Of two servers at once the first makes it.
                if let new, try facts.signingKeys().last?.id == keys.last?.id { try facts.insertSigningKey(new) }
                // What was chosen before may be gone: the keys of now decide.
                for key in Self.dispensable(try facts.signingKeys(), at: moment) {
                    _ = try facts.deleteSigningKey(id: key.id)
                }
            }
        }
        _ = try await directory.facts.write { try $0.deleteOldLoginFailures(keeping: LoginFailureFact.countMax) }
        let ending = try await directory.facts.read { facts in
            try facts.credentials(endingAfter: moment, before: moment + warningTime, limit: Findings.countMax)
        }
        return Findings(ending: ending, newKey: isKeyDue ? directory.snapshot.keys.keys.first?.id : nil)
    }

    /// The keys whose last tokens have ended: those behind one that has signed for longer than a token holds.
    private static func dispensable(_ keys: [SigningKeyFact], at moment: Timestamp) -> [SigningKeyFact] {
        let signedFor = moment - TokenKeys.noticeTime - .seconds(TokenService.lifetime + 2 * Authenticator.clockSkew)
        guard let settled = keys.lastIndex(where: { $0.createdAt <= signedFor }) else { return [] }
        return Array(keys[..<settled])
    }
}
