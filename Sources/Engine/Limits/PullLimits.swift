import Synchronization

/// How many manifests somebody may pull in a sliding window, as Docker Hub has it: by account, and by address for those
/// who have not logged in.
///
/// The window is kept in 60 slices: in no stretch of its length are there more pulls than allowed, and a pull is
/// forgotten when the slice that it fell into has left the window whole, at most a sixtieth of the window later than it
/// could be. In memory, and in this process alone.
public final class PullLimits: Sendable {
    /// Who pulls.
    public enum Puller: Sendable, Hashable {
        /// Somebody who has not logged in.
        case address(CountedAddress)
        /// Somebody who has, by the text of the principal.
        case account(String)
    }

    /// What is allowed, and what is left of it.
    public struct Standing: Sendable, Hashable {
        /// How many pulls in a window.
        public let limit: Int
        /// How many more there may be now.
        public let remaining: Int
        /// How long the window is, in seconds.
        public let windowSeconds: Int
        /// Who it is counted for: an address, a block, or the text of a principal.
        public let source: String
    }

    /// A pull that was counted, or refused.
    public struct Pull: Sendable {
        /// What is left, this pull counted.
        public let standing: Standing
        /// Why it may not be; nil when it may.
        public let refusal: LimitRefusal?
        fileprivate let puller: Puller
        fileprivate let slice: Int64
    }

    private let anonymous: Allowance?
    private let authenticated: Allowance?
    private let now: @Sendable () -> Duration
    private let windows: Mutex<BoundedTable<Puller, Window>>

    /// Limits pulls.
    ///
    /// - Parameters:
    ///   - anonymous: what an address may pull without a login; nil where that is not limited.
    ///   - authenticated: what an account may pull; nil where that is not limited.
    ///   - entryCountMax: how many pullers are told apart at most; those who pull least are forgotten first.
    ///   - now: the time since any fixed moment; it never goes back.
    public init(
        anonymous: Allowance?,
        authenticated: Allowance?,
        entryCountMax: Int = 32_768,
        now: @escaping @Sendable () -> Duration
    ) {
        self.anonymous = anonymous
        self.authenticated = authenticated
        self.now = now
        windows = Mutex(BoundedTable(countMax: entryCountMax))
    }

    /// Whether anything is limited.
    public var isOff: Bool { anonymous == nil && authenticated == nil }

    /// Counts a pull, or says how long to wait; nil where pulls are not limited.
    public func take(_ puller: Puller) -> Pull? {
        guard let allowance = allowance(puller) else { return nil }
        return windows.withLock { windows in
            let moment = nanoseconds()
            var window = windows.value(for: puller) ?? Window(allowance)
            window.move(to: moment)
            var refusal: LimitRefusal?
            if window.count < allowance.count {
                window.add(at: moment)
            } else {
                let wait = window.moment(below: allowance.count) - moment
                refusal = LimitRefusal(limit(puller), retryAfter: LimitRefusal.wholeSeconds(Double(wait) / 1e9))
            }
            windows.keep(window, for: puller) { $0.isOver(at: moment) ? 0 : Double($0.count) }
            let standing = standing(puller, allowance, window)
            return Pull(standing: standing, refusal: refusal, puller: puller, slice: window.slice(at: moment))
        }
    }

    /// Takes back a pull that came to nothing, and says what is left then.
    public func giveBack(_ pull: Pull) -> Standing {
        guard pull.refusal == nil, let allowance = allowance(pull.puller) else { return pull.standing }
        return windows.withLock { windows in
            guard var window = windows.value(for: pull.puller) else { return pull.standing }
            window.remove(pull.slice)
            windows.keep(window, for: pull.puller) { Double($0.count) }
            return standing(pull.puller, allowance, window)
        }
    }

    /// What is left; nil where pulls are not limited.
    public func standing(of puller: Puller) -> Standing? {
        guard let allowance = allowance(puller) else { return nil }
        return windows.withLock { windows in
            var window = windows.value(for: puller) ?? Window(allowance)
            window.move(to: nanoseconds())
            return standing(puller, allowance, window)
        }
    }

    private func allowance(_ puller: Puller) -> Allowance? {
        switch puller {
        case .address: anonymous
        case .account: authenticated
        }
    }

    private func limit(_ puller: Puller) -> Limit {
        switch puller {
        case .address: .pullsAnonymous
        case .account: .pullsAuthenticated
        }
    }

    private func standing(_ puller: Puller, _ allowance: Allowance, _ window: Window) -> Standing {
        let source =
            switch puller {
            case .address(let address): address.description
            case .account(let name): name
            }
        return Standing(
            limit: allowance.count,
            remaining: max(0, allowance.count - window.count),
            windowSeconds: LimitRefusal.wholeSeconds(allowance.window.inSeconds),
            source: source
        )
    }

    private func nanoseconds() -> Int64 {
        now().inNanoseconds
    }
}

/// The pulls of one puller, by the slice that they fell into, oldest first.
private struct Window: Sendable {
    static let sliceCount: Int64 = 60

    /// In nanoseconds, rounded up, so that all slices together are never shorter than the window.
    private let sliceLength: Int64
    private var slices: [(index: Int64, count: Int)] = []
    private(set) var count = 0

    init(_ allowance: Allowance) {
        sliceLength = (allowance.window.inNanoseconds + Self.sliceCount - 1) / Self.sliceCount
    }

    func slice(at moment: Int64) -> Int64 { moment / sliceLength }

    /// Forgets what has left the window.
    mutating func move(to moment: Int64) {
        let gone = slices.prefix { end(of: $0.index) <= moment }
        guard !gone.isEmpty else { return }
        count -= gone.reduce(0) { $0 + $1.count }
        slices.removeFirst(gone.count)
    }

    /// Whether all has left it.
    func isOver(at moment: Int64) -> Bool {
        slices.last.map { end(of: $0.index) <= moment } ?? true
    }

    mutating func add(at moment: Int64) {
        count += 1
        let slice = slice(at: moment)
        if slices.last?.index == slice {
            slices[slices.count - 1].count += 1
        } else {
            slices.append((slice, 1))
        }
    }

    mutating func remove(_ slice: Int64) {
        guard let place = slices.lastIndex(where: { $0.index == slice }) else { return }
        count -= 1
        slices[place].count -= 1
        if slices[place].count == 0 { slices.remove(at: place) }
    }

    /// When fewer than `limit` are left, in nanoseconds.
    func moment(below limit: Int) -> Int64 {
        var left = count
        for slice in slices {
            left -= slice.count
            if left < limit { return end(of: slice.index) }
        }
        return 0
    }

    /// When a slice has left the window whole.
    private func end(of slice: Int64) -> Int64 {
        (slice + Self.sliceCount + 1) * sliceLength
    }
}
