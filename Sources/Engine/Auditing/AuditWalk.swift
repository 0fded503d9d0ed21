import Metadata

/// A walk along the chain, from seal to seal: what must hold between them, and of what is signed.
struct AuditWalk {
    typealias Finding = AuditVerification.Finding
    typealias Report = AuditVerification.Report

    /// How long seals may go without a signature where other seals follow; it is given each minute.
    private static let unsignedMax = Duration.seconds(600)

    private let expected: AuditHead?
    private var keys: [AuditKey] = []
    private var badKeys: Set<String> = []
    private let report: @Sendable (Finding) -> Void

    /// The number of the last seal that was looked at.
    private(set) var position = Int64.min
    private(set) var result = Report()
    /// The hash of that seal, as it is stored; nil where it cannot be read.
    private var hash: String?
    /// The last cut whose signature was looked at, and whether it was right.
    private var cut: (mark: AuditMarkFact, isRight: Bool)?
    private var unsigned: (number: Int64, since: Timestamp)?
    private var lastSealedAt: Timestamp?

    init(expected: AuditHead?, report: @escaping @Sendable (Finding) -> Void) {
        self.expected = expected
        self.report = report
    }

    /// Takes the keys of the same moment as what they have signed: the first is made while the server runs.
    private mutating func take(_ facts: [AuditKeyFact]) {
        keys = facts.compactMap { AuditKey($0) }
        for fact in facts where AuditKey(fact) == nil && badKeys.insert(fact.id).inserted {
            find(.signature, "the key \(fact.id) is not the one that its id names")
        }
    }

    private mutating func find(_ kind: Finding.Kind, seal: Int64? = nil, entry: Int64? = nil, _ sentence: String) {
        result.findingCount += 1
        report(Finding(kind: kind, seal: seal, entry: entry, sentence: sentence))
    }

    // MARK: A part

    /// Looks at the seals that come next.
    mutating func take(_ part: Part) {
        take(part.keys)
        look(at: part.cut)
        let signed = look(at: part.heads, part)
        for stray in part.strays { find(stray: stray) }
        for (row, entries) in zip(part.seals, part.entries) {
            follow(row)
            guard let seal = row.value else { continue }
            check(seal)
            for finding in AuditSealCheck(seal, entries).findings {
                result.findingCount += 1
                report(finding)
            }
            result.entryCount += entries.count
            note(seal, isSigned: signed.contains(seal.number))
        }
    }

    /// Whether a seal comes where it should, by its number.
    private mutating func follow(_ row: AuditRow<AuditSealFact>) {
        let isFirst = position == .min
        let start = cut.flatMap { $0.isRight ? $0.mark : nil }
        let next = isFirst ? (start?.number ?? 0) + 1 : position + 1
        if isFirst { hash = start?.hash ?? AuditChain.genesis }
        if row.number > next {
            if let start, start.number == row.number - 1 {
                // What lay between was pruned while the walk went on.
                hash = start.hash
            } else {
                let gone = next == row.number - 1 ? "seal \(next) is" : "the seals \(next) to \(row.number - 1) are"
                find(.removed, seal: next, "\(gone) missing")
                hash = nil
            }
        } else if row.number < next {
            find(.added, seal: row.number, "seal \(row.number) is there, and the chain begins with seal \(next)")
            hash = nil
        }
        position = row.number
        result.sealCount += 1
        guard row.value == nil else { return }
        find(.seal, seal: row.number, "seal \(row.number) cannot be read")
        hash = nil
    }

    private mutating func check(_ seal: AuditSealFact) {
        if let hash, seal.previous != hash {
            find(.seal, seal: seal.number, "seal \(seal.number) does not follow on the seal before it as that is now")
        }
        if AuditChain.hash(of: seal) != seal.hash {
            find(.seal, seal: seal.number, "seal \(seal.number) is not the one that was made: its hash is another")
        }
        hash = seal.hash
    }

    private mutating func note(_ seal: AuditSealFact, isSigned: Bool) {
        result.head = seal.head
        lastSealedAt = seal.sealedAt
        if isSigned {
            unsigned = nil
            result.signedHead = seal.head
        } else if unsigned == nil {
            unsigned = (seal.number, seal.sealedAt)
        }
    }

    private mutating func find(stray row: AuditRow<AuditRecord>) {
        guard let record = row.value, let seal = record.seal else {
            return find(.added, entry: row.number, "entry \(row.number) cannot be read, and has no seal that is there")
        }
        find(
            .added,
            seal: seal,
            entry: row.number,
            "entry \(row.number) says that it has seal \(seal), which is not there"
        )
    }

    // MARK: What is signed

    private mutating func look(at row: AuditRow<AuditMarkFact>?) {
        guard let row else { return }
        guard let mark = row.value else {
            return find(.signature, seal: row.number, "what was pruned up to seal \(row.number) cannot be read")
        }
        guard mark != cut?.mark else { return }
        cut = (mark, isRight(mark))
    }

    /// Looks at what says how far the chain had come; the numbers of those seals of the part that are signed.
    private mutating func look(at heads: [AuditRow<AuditMarkFact>], _ part: Part) -> Set<Int64> {
        let seals = Dictionary(part.seals.map { ($0.number, $0.value) }) { first, _ in first }
        var signed: Set<Int64> = []
        for row in heads {
            guard let mark = row.value else {
                find(.signature, seal: row.number, "the signature of seal \(row.number) cannot be read")
                continue
            }
            guard isRight(mark) else { continue }
            switch seals[row.number] {
            case .some(let seal?) where seal.hash != mark.hash:
                let sentence = "seal \(row.number) has the hash \(seal.hash), and \(mark.hash) was signed for it"
                find(.signature, seal: row.number, sentence)
            case .some(.some):
                signed.insert(row.number)
            case .some(.none):
                // It was said already that the seal cannot be read.
                break
            case .none:
                find(.removed, seal: row.number, "seal \(row.number) is missing: it was there, as it was signed")
            }
        }
        return signed
    }

    private mutating func isRight(_ mark: AuditMarkFact) -> Bool {
        let what = mark.kind == .head ? "seal \(mark.number)" : "what was pruned up to seal \(mark.number)"
        guard let key = keys.first(where: { $0.id == mark.keyID }) else {
            find(.signature, seal: mark.number, "\(what) is signed with the key \(mark.keyID), which is not there")
            return false
        }
        guard key.hasSigned(mark) else {
            find(.signature, seal: mark.number, "the signature of \(what) is wrong")
            return false
        }
        result.signatureCount += 1
        return true
    }

    // MARK: The end

    /// Looks at what lies behind the last seal, and at what was expected.
    mutating func take(_ end: End) {
        take(end.keys)
        for row in end.heads {
            guard let mark = row.value, isRight(mark) else { continue }
            find(
                .removed,
                seal: row.number,
                "seal \(row.number) is missing: the end of the chain was cut off behind it"
            )
        }
        for stray in end.strays { find(stray: stray) }
        for row in end.halfSealed {
            find(.changed, entry: row.number, "entry \(row.number) has a place, but no seal")
        }
        if let unsigned, let lastSealedAt, lastSealedAt > unsigned.since + Self.unsignedMax {
            find(.signature, seal: unsigned.number, "from seal \(unsigned.number) on nothing is signed")
        }
        result.unsealedCount = Int(end.unsealedCount)
        if let expected { check(expected, end) }
    }

    private mutating func check(_ expected: AuditHead, _ end: End) {
        let found = end.seals.first { $0.number == expected.number }?.value?.head
        let pruned = cut.flatMap { $0.isRight ? $0.mark.head : nil }
        guard found != expected, pruned != expected else { return }
        let sentence =
            if let found {
                "seal \(expected.number) has the hash \(found.hash), and \(expected.hash) was expected"
            } else if let pruned, pruned.number > expected.number {
                "seal \(expected.number) was pruned, so that nothing can be said of it: expect a newer one"
            } else {
                "seal \(expected.number) was expected and is not there"
            }
        find(.expectation, seal: expected.number, sentence)
    }
}
