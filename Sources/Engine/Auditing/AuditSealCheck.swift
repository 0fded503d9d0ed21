import Metadata

/// Compares the entries of one seal with what the seal says of them.
struct AuditSealCheck {
    typealias Finding = AuditVerification.Finding

    private(set) var findings: [Finding] = []
    private let seal: AuditSealFact
    private let leaves: [[UInt8]]

    init(_ seal: AuditSealFact, _ rows: [AuditRow<AuditRecord>]) {
        self.seal = seal
        let size = AuditChain.leafByteCount
        leaves = stride(from: 0, to: seal.leaves.count, by: size).map { Array(seal.leaves[$0...].prefix(size)) }
        guard Int64(leaves.count) == seal.entryCount else {
            find(.seal, nil, "seal \(seal.number) covers \(leaves.count) entries and says \(seal.entryCount)")
            return
        }
        for row in rows where row.value == nil {
            find(.changed, row.number, "entry \(row.number) of seal \(seal.number) cannot be read")
        }
        compare(rows.compactMap(\.value))
    }

    private mutating func find(_ kind: Finding.Kind, _ entry: Int64?, _ sentence: String) {
        findings.append(Finding(kind: kind, seal: seal.number, entry: entry, sentence: sentence))
    }

    private mutating func compare(_ records: [AuditRecord]) {
        var placed: [Int: AuditRecord] = [:]
        var wrong: [AuditRecord] = []
        for record in records {
            guard let place = record.place.flatMap({ Int(exactly: $0) }), leaves.indices.contains(place),
                placed[place] == nil
            else {
                wrong.append(record)
                continue
            }
            placed[place] = record
        }
        var (missing, taken): (Set<Int>, Set<Int>) = ([], [])
        for place in leaves.indices {
            guard let record = placed[place] else {
                missing.insert(place)
                continue
            }
            guard AuditChain.leaf(of: record) != leaves[place] else { continue }
            wrong.append(record)
            taken.insert(place)
        }
        guard !wrong.isEmpty || !missing.isEmpty else { return }
        explain(wrong, missing: missing, taken: taken)
    }

    /// Says what became of each: `taken` are the places at which something else stands.
    private mutating func explain(_ wrong: [AuditRecord], missing: Set<Int>, taken: Set<Int>) {
        let places = Dictionary(leaves.enumerated().map { ($1, $0) }) { first, _ in first }
        var missing = missing
        for record in wrong {
            let stands = record.place.map { "place \($0)" } ?? "no place"
            let what = "entry \(record.id) of seal \(seal.number)"
            if let place = places[AuditChain.leaf(of: record)] {
                missing.remove(place)
                find(.reordered, record.id, "\(what) stands at \(stands) and was sealed at place \(place)")
            } else if let place = record.place.flatMap({ Int(exactly: $0) }), taken.contains(place) {
                find(.changed, record.id, "\(what), at \(stands), says something else than when it was sealed")
            } else {
                find(.added, record.id, "\(what), at \(stands), was not there when it was sealed")
            }
        }
        for place in missing.sorted() {
            find(.removed, nil, "the entry at place \(place) of seal \(seal.number) is gone")
        }
    }
}
