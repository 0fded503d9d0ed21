import Metadata

/// What waits to be written to the audit, bounded in number and in what may come anew in a time.
///
/// The first of several equal entries is written at once; those that come within a minute of it are counted and
/// written as one at the end of that minute. What does not fit is counted and told by an entry of its own.
struct AuditQueue {
    /// The most entries that wait.
    static let countMax = 10_000
    /// How many of these may be refusals: they come from whoever likes to send some, the others from those who may.
    static let denialCountMax = 5000
    /// The time within which equal entries become one.
    static let window = Duration.seconds(60)
    /// How many new refusals may come at once, and how many more in each minute.
    static let denials = Allowance.Rate(burst: 600, perMinute: 60)
    /// The same for all else, which comes from those who may: only so many that memory and the disk stay bounded.
    static let others = Allowance.Rate(burst: 600_000, perMinute: 120_000)
    /// How often it is told what did not fit.
    static let lossInterval = Duration.seconds(60)

    /// What makes two entries equal: all but when, and in which request.
    private struct Kind: Hashable {
        let fact: AuditFact

        init(_ fact: AuditFact) {
            var fact = fact
            (fact.at, fact.requestID, fact.times) = (Timestamp(microseconds: 0), "", 1)
            self.fact = fact
        }
    }

    /// Equal entries behind the first.
    private struct Gathered {
        let end: Timestamp
        /// The newest, with how many there are; nil where none came yet.
        var fact: AuditFact?
    }

    /// Ready to be written.
    private var ready: [AuditFact] = []
    private var readyDenialCount = 0
    private var gathered: [Kind: Gathered] = [:]
    private var denials: Allowance
    private var others: Allowance
    private var lost = AuditLoss()
    private var lossToldAt: Timestamp

    init(at moment: Timestamp) {
        denials = Allowance(Self.denials, at: moment)
        others = Allowance(Self.others, at: moment)
        lossToldAt = moment - Self.lossInterval
    }

    /// How many entries wait.
    var count: Int { ready.count }

    /// Takes an entry in, or counts it as lost.
    mutating func add(_ fact: AuditFact, at moment: Timestamp) {
        let kind = Kind(fact)
        if var same = gathered[kind], moment < same.end {
            var newest = fact
            newest.times = fact.times + (same.fact?.times ?? 0)
            same.fact = newest
            gathered[kind] = same
            return
        }
        let isDenial = fact.outcome == .denied
        let hasRoom = ready.count < Self.countMax && (!isDenial || readyDenialCount < Self.denialCountMax)
        // Both are asked for only where it is needed: a token that is taken is gone.
        guard hasRoom, isDenial ? denials.take(at: moment) : others.take(at: moment) else {
            lost.add(fact)
            return
        }
        close(kind)
        push(fact)
        guard gathered.count < Self.countMax else { return }
        gathered[kind] = Gathered(end: moment + Self.window)
    }

    /// What is to be written now; with `all` also what is still being gathered.
    mutating func take(at moment: Timestamp, all: Bool = false) -> [AuditFact] {
        for (kind, same) in gathered where all || same.end <= moment {
            if same.fact != nil, ready.count >= Self.countMax, !all { continue }
            close(kind)
        }
        if lost.count > 0, all || lossToldAt + Self.lossInterval <= moment {
            push(lost.fact(at: moment))
            lost = AuditLoss()
            lossToldAt = moment
        }
        defer {
            ready = []
            readyDenialCount = 0
        }
        return ready
    }

    /// Takes back what could not be written, before all that has come since; what does not fit is lost.
    mutating func putBack(_ facts: [AuditFact]) {
        let since = ready
        ready = []
        readyDenialCount = 0
        for fact in facts + since {
            if ready.count < Self.countMax { push(fact) } else { lost.add(fact) }
        }
    }

    /// Ends the gathering of a kind.
    private mutating func close(_ kind: Kind) {
        if let fact = gathered.removeValue(forKey: kind)?.fact { push(fact) }
    }

    private mutating func push(_ fact: AuditFact) {
        ready.append(fact)
        if fact.outcome == .denied { readyDenialCount += 1 }
    }
}

/// How many new entries may come: a number at once, which grows again with time.
struct Allowance {
    struct Rate {
        let burst: Int64
        let perMinute: Int64
    }

    private let rate: Rate
    /// In microseconds of time: one entry costs what a minute has divided by the rate.
    private var credit: Int64
    private var moment: Timestamp

    private var cost: Int64 { 60_000_000 / rate.perMinute }

    init(_ rate: Rate, at moment: Timestamp) {
        self.rate = rate
        self.moment = moment
        credit = rate.burst * (60_000_000 / rate.perMinute)
    }

    /// Whether one more may come.
    mutating func take(at now: Timestamp) -> Bool {
        if now > moment { credit = min(rate.burst * cost, credit + now.microseconds - moment.microseconds) }
        moment = now
        guard credit >= cost else { return false }
        credit -= cost
        return true
    }
}

/// What did not fit into the audit.
struct AuditLoss {
    private(set) var count: Int64 = 0
    private var denialCount: Int64 = 0
    private var changeCount: Int64 = 0

    mutating func add(_ fact: AuditFact) {
        count += fact.times
        if fact.outcome == .denied { denialCount += fact.times } else { changeCount += fact.times }
    }

    /// The entry that tells of it.
    func fact(at moment: Timestamp) -> AuditFact {
        AuditFact(
            at: moment,
            principal: AuditTrail.principal,
            address: "",
            requestID: "",
            action: "audit.dropped",
            target: "audit",
            outcome: .failed,
            reason: "more came than is written down in a minute",
            details: #"{"denied":\#(denialCount),"others":\#(changeCount)}"#,
            times: count
        )
    }
}
