import Synchronization

/// How many requests and how many bytes an address, a user and a repository may have in a time.
///
/// Requests are counted when they come. Bytes are known afterwards: a request is let in while what was moved before is
/// paid off, and what it moves is owed. In memory, and in this process alone.
public final class RequestLimits: Sendable {
    /// What is allowed; nil where there is no limit.
    public struct Allowances: Sendable, Hashable {
        /// Requests.
        public var requests: Allowance?
        /// Bytes of bodies, both ways.
        public var bytes: Allowance?

        /// States both.
        public init(requests: Allowance? = nil, bytes: Allowance? = nil) {
            self.requests = requests
            self.bytes = bytes
        }
    }

    /// To whom something is counted.
    public enum Party: Sendable, Hashable {
        /// An address.
        case address(CountedAddress)
        /// A user, by the text of the principal.
        case user(String)
        /// A repository, by name.
        case repository(String)
    }

    private let address: Ledger
    private let user: Ledger
    private let repository: Ledger

    /// Limits each kind of party.
    ///
    /// - Parameters:
    ///   - perAddress: what an address may have.
    ///   - perUser: what somebody who has logged in may have.
    ///   - perRepository: what all callers together may have of a repository.
    ///   - entryCountMax: how many parties of a kind are told apart at most; those with most left are forgotten first.
    ///   - now: the time since any fixed moment; it never goes back.
    public init(
        perAddress: Allowances = .init(),
        perUser: Allowances = .init(),
        perRepository: Allowances = .init(),
        entryCountMax: Int = 32_768,
        now: @escaping @Sendable () -> Duration
    ) {
        func ledger(_ allowances: Allowances, _ requests: Limit, _ bytes: Limit) -> Ledger {
            Ledger(allowances, named: (requests, bytes), entryCountMax: entryCountMax, now: now)
        }
        address = ledger(perAddress, .requestsPerAddress, .bytesPerAddress)
        user = ledger(perUser, .requestsPerUser, .bytesPerUser)
        repository = ledger(perRepository, .requestsPerRepository, .bytesPerRepository)
    }

    /// Whether anything is limited.
    public var isOff: Bool { address.isOff && user.isOff && repository.isOff }

    /// Whether bytes are counted for anybody.
    public var countsBytes: Bool { [address, user, repository].contains { $0.allowances.bytes != nil } }

    /// Whether anything of a repository is limited.
    public var countsRepositories: Bool { !repository.isOff }

    /// Lets one request in and counts it, or says how long to wait.
    public func admit(_ party: Party) -> LimitRefusal? {
        ledger(party).admit(party)
    }

    /// Takes back that a request was let in.
    public func giveBack(_ party: Party) {
        ledger(party).charge(requests: -1, bytes: 0, to: party)
    }

    /// Counts bytes that were moved; a negative number takes back what was counted too much.
    public func charge(_ byteCount: Int, to party: Party) {
        ledger(party).charge(requests: 0, bytes: byteCount, to: party)
    }

    private func ledger(_ party: Party) -> Ledger {
        switch party {
        case .address: address
        case .user: user
        case .repository: repository
        }
    }
}

/// What is left of the allowances of all parties of one kind.
private final class Ledger: Sendable {
    private struct Account: Sendable {
        var requests: Bucket?
        var bytes: Bucket?
    }

    let allowances: RequestLimits.Allowances
    private let names: (requests: Limit, bytes: Limit)
    private let now: @Sendable () -> Duration
    private let accounts: Mutex<BoundedTable<RequestLimits.Party, Account>>

    init(
        _ allowances: RequestLimits.Allowances,
        named names: (Limit, Limit),
        entryCountMax: Int,
        now: @escaping @Sendable () -> Duration
    ) {
        self.allowances = allowances
        self.names = names
        self.now = now
        accounts = Mutex(BoundedTable(countMax: entryCountMax))
    }

    var isOff: Bool { allowances.requests == nil && allowances.bytes == nil }

    func admit(_ party: RequestLimits.Party) -> LimitRefusal? {
        guard !isOff else { return nil }
        return accounts.withLock { accounts in
            let moment = now()
            var account = accounts.value(for: party) ?? fresh(at: moment)
            if let allowance = allowances.requests,
                let wait = account.requests?.wait(until: 1, of: allowance, at: moment)
            {
                return LimitRefusal(names.requests, retryAfter: wait)
            }
            if let allowance = allowances.bytes,
                let wait = account.bytes?.wait(until: 0, of: allowance, at: moment)
            {
                return LimitRefusal(names.bytes, retryAfter: wait)
            }
            if let allowance = allowances.requests { account.requests?.take(1, of: allowance, at: moment) }
            accounts.keep(account, for: party) { weight($0, at: moment) }
            return nil
        }
    }

    func charge(requests: Int, bytes: Int, to party: RequestLimits.Party) {
        guard (requests != 0 && allowances.requests != nil) || (bytes != 0 && allowances.bytes != nil) else { return }
        accounts.withLock { accounts in
            let moment = now()
            var account = accounts.value(for: party) ?? fresh(at: moment)
            if let allowance = allowances.requests {
                account.requests?.take(Double(requests), of: allowance, at: moment)
            }
            if let allowance = allowances.bytes { account.bytes?.take(Double(bytes), of: allowance, at: moment) }
            accounts.keep(account, for: party) { weight($0, at: moment) }
        }
    }

    private func fresh(at moment: Duration) -> Account {
        Account(
            requests: allowances.requests.map { Bucket($0, at: moment) },
            bytes: allowances.bytes.map { Bucket($0, at: moment) }
        )
    }

    /// A full account says nothing that a new one would not; the more is used, the worse it is to forget it.
    private func weight(_ account: Account, at moment: Duration) -> Double {
        func used(_ bucket: Bucket?, _ allowance: Allowance?) -> Double {
            guard let bucket, let allowance else { return 0 }
            return 1 - bucket.left(of: allowance, at: moment) / Double(allowance.count)
        }
        return max(used(account.requests, allowances.requests), used(account.bytes, allowances.bytes))
    }
}
