/// A cache that is bounded by what its entries weigh, and forgets what has not been asked for lately.
///
/// Entries are added to a young generation. When it weighs half of the bound, it becomes the old one, and what was old
/// is forgotten; a hit in the old one brings the entry back among the young. So everything that is asked for at least
/// once a generation stays, at the cost of one dictionary look-up.
struct TwoGenerationCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Entry: Sendable {
        var value: Value
        var weight: Int
    }

    private let weightMax: Int
    private var young: [Key: Entry] = [:]
    private var old: [Key: Entry] = [:]
    private var youngWeight = 0

    /// A cache whose entries weigh at most `weightMax` together.
    init(weightMax: Int) {
        self.weightMax = weightMax
    }

    mutating func value(for key: Key) -> Value? {
        if let entry = young[key] { return entry.value }
        guard let entry = old.removeValue(forKey: key) else { return nil }
        insert(entry, for: key)
        return entry.value
    }

    /// Adds an entry, unless it alone would be more than an eighth of the whole.
    mutating func insert(_ value: Value, for key: Key, weight: Int) {
        guard weight <= weightMax / 8 else { return remove(key) }
        insert(Entry(value: value, weight: weight), for: key)
    }

    mutating func remove(_ key: Key) {
        if let entry = young.removeValue(forKey: key) { youngWeight -= entry.weight }
        old.removeValue(forKey: key)
    }

    mutating func removeAll() {
        young = [:]
        old = [:]
        youngWeight = 0
    }

    private mutating func insert(_ entry: Entry, for key: Key) {
        if youngWeight + entry.weight > weightMax / 2 {
            old = young
            young = [:]
            youngWeight = 0
        }
        if let replaced = young.updateValue(entry, forKey: key) { youngWeight -= replaced.weight }
        old.removeValue(forKey: key)
        youngWeight += entry.weight
    }
}
