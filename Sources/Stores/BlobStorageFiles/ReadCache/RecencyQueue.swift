/// Elements in the order in which they were used last.
///
/// Each use is written down behind the others, and those that a later one has overtaken are passed over: a use costs
/// one entry in a table, however many elements there are. What was overtaken is cleared away before it is twice as much
/// as the elements.
struct RecencyQueue<Element: Hashable & Sendable>: Sendable {
    private var lastUses: [Element: UInt64] = [:]
    private var uses: [(number: UInt64, element: Element)] = []
    private var head = 0
    private var number: UInt64 = 0

    /// How many elements there are.
    var count: Int { lastUses.count }

    /// Puts an element at the end, whether or not it is there.
    mutating func use(_ element: Element) {
        number += 1
        lastUses[element] = number
        uses.append((number, element))
        if uses.count > 2 * lastUses.count + 64 { clearAway() }
    }

    /// Takes an element out, if it is there.
    mutating func remove(_ element: Element) {
        lastUses[element] = nil
    }

    /// Takes out the element that was not used for the longest time; nil when there is none.
    mutating func removeOldest() -> Element? {
        while head < uses.count {
            let use = uses[head]
            head += 1
            guard lastUses[use.element] == use.number else { continue }
            lastUses[use.element] = nil
            return use.element
        }
        return nil
    }

    private mutating func clearAway() {
        uses = uses[head...].filter { lastUses[$0.element] == $0.number }
        head = 0
    }
}
