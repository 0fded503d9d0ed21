import Metadata

/// The numbers by which the server locks for us; those of others may be the same, which costs time and nothing else.
enum WriteLock {
    /// Shared by all who write; held alone by one who has lost often, for whom all others wait.
    static let turn = number("turn")

    /// What a write holds from before its transaction until after it, in the order in which it is taken.
    static func held(about subject: WriteSubject?, alone: Bool) -> [Int64] {
        (subject.map { [number("subject \($0)")] } ?? []) + (alone ? [turn] : [])
    }

    /// FNV-1a, which is the same in every process.
    private static func number(_ name: String) -> Int64 {
        let hash = "wharf \(name)".utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { hash, byte in
            (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        return Int64(bitPattern: hash)
    }
}
