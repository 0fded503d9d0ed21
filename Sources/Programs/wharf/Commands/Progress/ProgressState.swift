import Transfer

/// How far a transfer has come: what is shown follows from this, and nothing else.
struct ProgressState {
    /// A blob on its way.
    struct Item {
        var name: String
        var byteCount: Int64
        var doneByteCount: Int64 = 0
        var outcome: BlobOutcome?
        /// Whether bytes have begun to move.
        var isMoving = false
    }

    /// All that were named, in the order in which they were.
    private(set) var items: [Item] = []
    private var positions: [String: Int] = [:]
    /// The bytes that were moved so far.
    private(set) var movedByteCount: Int64 = 0

    /// The bytes of all that was named.
    var byteCount: Int64 { Self.sum(items.map(\.byteCount)) }
    /// The bytes that need not be moved any more.
    var doneByteCount: Int64 { Self.sum(items.map { $0.outcome == nil ? $0.doneByteCount : $0.byteCount }) }
    /// Sizes are what somebody has written in a manifest: their sum may be no number.
    private static func sum(_ sizes: [Int64]) -> Int64 {
        sizes.reduce(0) { sum, size in
            let (total, isTooLarge) = sum.addingReportingOverflow(size)
            return isTooLarge ? .max : total
        }
    }

    /// How many have ended.
    var endedCount: Int { items.count { $0.outcome != nil } }

    /// Names a blob; again is no harm.
    mutating func plan(_ name: String, byteCount: Int64) {
        guard positions[name] == nil else { return }
        positions[name] = items.count
        items.append(Item(name: name, byteCount: byteCount))
    }

    /// Moves bytes.
    mutating func advance(_ name: String, by byteCount: Int64) {
        guard let position = positions[name] else { return }
        items[position].isMoving = true
        items[position].doneByteCount = min(items[position].byteCount, items[position].doneByteCount + byteCount)
        movedByteCount += byteCount
    }

    /// Ends a blob, once.
    mutating func end(_ name: String, _ outcome: BlobOutcome) -> Item? {
        guard let position = positions[name], items[position].outcome == nil else { return nil }
        items[position].outcome = outcome
        return items[position]
    }
}

/// How fast bytes move, over the last seconds.
struct TransferRate {
    private var samples: [(at: Duration, byteCount: Int64)] = []
    /// How far back it looks.
    private static let window = Duration.seconds(5)

    /// Takes a sample: how many bytes had moved by then.
    mutating func sample(_ byteCount: Int64, at time: Duration) {
        samples.append((time, byteCount))
        while samples.count > 2, let first = samples.first, time - first.at > Self.window { samples.removeFirst() }
    }

    /// In bytes a second; nil while nobody can tell.
    var bytesPerSecond: Double? {
        guard let first = samples.first, let last = samples.last else { return nil }
        let time = (last.at - first.at).seconds
        return time > 0.2 ? Double(last.byteCount - first.byteCount) / time : nil
    }
}

extension Duration {
    /// In seconds.
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
