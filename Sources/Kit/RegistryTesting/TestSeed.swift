import Foundation

/// Where the randomness of a test run comes from.
public enum TestSeed {
    /// The seed of this run: `TEST_SEED` when that is set, else another one each time.
    ///
    /// A test that uses it says it in the text of each failure, so that the run can be repeated.
    public static let run: UInt64 = {
        if let text = ProcessInfo.processInfo.environment["TEST_SEED"], let seed = UInt64(text) { return seed }
        return UInt64.random(in: 0..<1_000_000_000)
    }()

    /// The seed for one of many rounds.
    public static func round(_ number: Int) -> UInt64 {
        run &+ UInt64(number) &* 1_000_003
    }

    /// Whether the long tests run: `SOAK=1`.
    public static let isSoaking = ProcessInfo.processInfo.environment["SOAK"] == "1"

    /// A count that is larger when the long tests run; says so, and with which seed, when they do not.
    public static func count(_ short: Int, soaking long: Int, of what: String) -> Int {
        let count = isSoaking ? long : short
        let note = isSoaking ? "" : " (shortened: \(long) with SOAK=1)"
        print("\(what): \(count)\(note), TEST_SEED=\(run)")
        return count
    }
}
