/// Something that is limited; the raw value names it in logs and metrics.
public enum Limit: String, Sendable, CaseIterable {
    /// Requests of an address.
    case requestsPerAddress = "requests-per-address"
    /// Requests of a user.
    case requestsPerUser = "requests-per-user"
    /// Requests for a repository.
    case requestsPerRepository = "requests-per-repository"
    /// Bytes from and to an address.
    case bytesPerAddress = "bytes-per-address"
    /// Bytes from and to a user.
    case bytesPerUser = "bytes-per-user"
    /// Bytes from and to a repository.
    case bytesPerRepository = "bytes-per-repository"
    /// Pulls of somebody who has not logged in, by address.
    case pullsAnonymous = "pulls-anonymous"
    /// Pulls of somebody who has logged in.
    case pullsAuthenticated = "pulls-authenticated"
    /// Failed logins as one account from one address.
    case logins = "logins"
    /// Failed logins from one address, whatever the account.
    case loginsPerAddress = "logins-per-address"
}

/// Somebody has to wait.
public struct LimitRefusal: Error, Sendable, Hashable {
    /// What there was too much of.
    public let limit: Limit
    /// After how many whole seconds it is worth to come again; at least one.
    public let retryAfter: Int

    /// States what there was too much of, and how long to wait.
    public init(_ limit: Limit, retryAfter: Int) {
        self.limit = limit
        self.retryAfter = max(1, retryAfter)
    }

    /// No wait is said to be longer, in seconds: a year.
    private static let waitMax = 31_536_000.0

    /// Rounded up.
    static func wholeSeconds(_ seconds: Double) -> Int {
        max(1, Int(min(seconds, waitMax).rounded(.up)))
    }
}
