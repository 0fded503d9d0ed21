/// Values by key, never more than a number of them: strangers bring new keys, and must not fill the memory.
///
/// When it is full, a new key takes the place of the least weighty among a few that a hand points to, which goes round.
/// To look at all would hold up everybody whenever somebody new comes.
struct BoundedTable<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    /// How many are looked at for the least weighty.
    static var candidateCount: Int { 16 }

    private let countMax: Int
    private var entries: [(key: Key, value: Value)] = []
    private var places: [Key: Int] = [:]
    private var hand = 0

    init(countMax: Int) {
        self.countMax = max(1, countMax)
    }

    var count: Int { entries.count }

    var values: some Sequence<Value> { entries.lazy.map(\.value) }

    func value(for key: Key) -> Value? {
        places[key].map { entries[$0].value }
    }

    /// Keeps a value; `weight` says how bad it is to forget one.
    mutating func keep(_ value: Value, for key: Key, weight: (Value) -> Double) {
        if let place = places[key] {
            entries[place].value = value
        } else if entries.count < countMax {
            places[key] = entries.count
            entries.append((key, value))
        } else {
            let place = nextToForget(weight)
            places[entries[place].key] = nil
            places[key] = place
            entries[place] = (key, value)
        }
    }

    mutating func forget(_ key: Key) {
        guard let place = places.removeValue(forKey: key) else { return }
        let last = entries.removeLast()
        guard last.key != key else { return }
        entries[place] = last
        places[last.key] = place
    }

    private mutating func nextToForget(_ weight: (Value) -> Double) -> Int {
        let looked = (0..<min(Self.candidateCount, entries.count)).map { (hand + $0) % entries.count }
        hand = (hand + looked.count) % entries.count
        let weighed = looked.map { (place: $0, weight: weight(entries[$0].value)) }
        return weighed.min { $0.weight < $1.weight }?.place ?? 0
    }
}
