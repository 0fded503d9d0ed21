import Hashing

/// How long those who fail to log in have to wait.
struct LoginRule: Sendable {
    /// After how many failures in a row logins have to wait.
    let failuresMax: Int
    /// The longest wait.
    let lockTime: Duration
    /// How many failures an address may have, whatever the account.
    let perAddress: Allowance

    /// How much wider the limit of an address is than that of an account at one address.
    private static let addressFactor = 20

    init(failuresMax: Int, lockTime: Duration) {
        self.failuresMax = max(1, failuresMax)
        self.lockTime = max(.seconds(1), lockTime)
        perAddress = Allowance(self.failuresMax * Self.addressFactor, per: self.lockTime)
    }

    /// How long to wait after so many failures in a row.
    func delay(_ count: Int) -> Duration {
        guard count >= failuresMax else { return .zero }
        return min(lockTime, .seconds(1 << min(count - failuresMax, 30)))
    }

    /// How long it takes until an address may have one failure more.
    var timePerFailure: Duration { perAddress.window / perAddress.count }
}

/// An account at an address.
struct LoginPair: Sendable, Hashable {
    let account: String
    let address: CountedAddress

    /// What stands for both in the database.
    var subject: String { Self.hash("\(address)\n\(account)") }
    /// What stands for the address alone; no address has a line's end in it.
    var addressSubject: String { Self.hash("\(address)") }

    private static func hash(_ text: String) -> String {
        "\(ContentHash.digest(of: Array(text.utf8)))"
    }
}
