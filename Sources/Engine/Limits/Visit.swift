/// One request on its way past the limits: by its address when it comes, by user and repository when they are known,
/// and at the end by what it moved.
///
/// Where nothing is limited it holds nothing, and each step is one comparison.
public struct Visit: Sendable {
    private let limits: TrafficLimits?
    private let address: CountedAddress?
    /// Why the address would have to wait, while it is not known whether the caller is held to it.
    private var held: LimitRefusal?
    private var isExempt = false
    private var user: String?
    private var repository: String?
    private var pull: PullLimits.Pull?
    private var standing: PullLimits.Standing?

    /// Begins the visit of a client.
    public init(_ limits: TrafficLimits?, from address: String) {
        let isCounted = limits.map { $0.requests != nil || $0.pulls != nil } ?? false
        self.limits = isCounted ? limits : nil
        self.address = isCounted ? CountedAddress(address) : nil
    }

    /// Whether anything is limited.
    public var isCounted: Bool { limits != nil }

    /// Whether the repository has to be known.
    public var countsRepositories: Bool { limits?.requests?.countsRepositories == true }

    /// Whether pulls are limited for anybody.
    public var countsPulls: Bool { limits?.pulls != nil }

    /// Whether it has to be told what was moved.
    public var countsBytes: Bool { !isExempt && limits?.requests?.countsBytes == true }

    /// Counts the request for its address.
    ///
    /// - Parameter hasCredentials: whether it may turn out that the caller is exempt; a refusal waits until then.
    /// - Throws: how long the address has to wait.
    public mutating func arrive(hasCredentials: Bool) throws(LimitRefusal) {
        guard let limits, let requests = limits.requests, let address else { return }
        guard let refusal = requests.admit(.address(address)) else { return }
        guard hasCredentials, !limits.exempt.isEmpty else { throw limits.noted(refusal) }
        held = refusal
    }

    /// Counts the request for who makes it.
    ///
    /// - Parameters:
    ///   - user: the text of the principal; nil for somebody who has not logged in.
    ///   - repository: what it is about; nil where that is not to be counted, as for who may not know of it.
    /// - Throws: how long the caller has to wait.
    public mutating func admit(_ user: String?, repository: String?) throws(LimitRefusal) {
        guard let limits else { return }
        self.user = user
        if let user, limits.exempt.contains(user) {
            isExempt = true
            if held == nil, let address { limits.requests?.giveBack(.address(address)) }
            held = nil
            return
        }
        if let held { throw limits.noted(held) }
        guard let requests = limits.requests else { return }
        if let user, let refusal = requests.admit(.user(user)) { throw limits.noted(refusal) }
        if let repository {
            if let refusal = requests.admit(.repository(repository)) { throw limits.noted(refusal) }
            self.repository = repository
        }
    }

    /// What is to be answered when the caller has not become known: that its address has to wait, if it has.
    public func refusal(insteadOf error: any Error) -> any Error {
        guard let limits, let held else { return error }
        return limits.noted(held)
    }

    /// Looks at the pulls of who asks for a manifest, and counts one unless it is free.
    public mutating func pull(isFree: Bool) throws(LimitRefusal) {
        guard let limits, let pulls = limits.pulls, !isExempt, let address else { return }
        let puller: PullLimits.Puller = user.map { .account($0) } ?? .address(address)
        guard !isFree else {
            standing = pulls.standing(of: puller)
            return
        }
        pull = pulls.take(puller)
        standing = pull?.standing
        if let refusal = pull?.refusal { throw limits.noted(refusal) }
    }

    /// Ends what ``pull(isFree:)`` began.
    ///
    /// - Parameter wasPulled: whether a manifest is in the answer; a pull that came to nothing is taken back.
    /// - Returns: what is left of the pulls; nil where none were looked at.
    public mutating func endPull(wasPulled: Bool) -> PullLimits.Standing? {
        if let pull, !wasPulled { standing = limits?.pulls?.giveBack(pull) }
        pull = nil
        return standing
    }

    /// Counts bytes that were moved; a negative number takes back what was counted too much.
    public func charge(_ byteCount: Int) {
        guard countsBytes, byteCount != 0, let requests = limits?.requests else { return }
        if let address { requests.charge(byteCount, to: .address(address)) }
        if let user { requests.charge(byteCount, to: .user(user)) }
        if let repository { requests.charge(byteCount, to: .repository(repository)) }
    }
}
