/// A place in the chain of seals: a seal's number and its hash, which stands for all that came until there.
///
/// Whoever keeps one outside of the registry can find out later whether the chain up to there is still the same.
public struct AuditHead: Hashable, Sendable, CustomStringConvertible {
    /// The number of the seal.
    public let number: Int64
    /// Its hash: 64 hexadecimal digits.
    public let hash: String

    /// Names a place.
    init(number: Int64, hash: String) {
        self.number = number
        self.hash = hash
    }

    /// Reads `NUMBER:HASH`; nil for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let number = Int64(parts[0]), number > 0, parts[1].utf8.count == 64,
            parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        else { return nil }
        self.init(number: number, hash: String(parts[1]))
    }

    /// `NUMBER:HASH`.
    public var description: String { "\(number):\(hash)" }
}
