import Foundation
import Synchronization

/// Values that are remembered for a while by bytes, at most twice a number of them.
///
/// Bytes and not text: two texts are equal when Unicode says so, which takes long to find out for some of them.
///
/// When the newer half is full, the older one is forgotten: what is asked for moves to the newer.
final class Remembered<Value: Sendable>: Sendable {
    /// Bytes that are hashed and compared in one go: a token has many of them, and comes with each request.
    private struct Key: Hashable {
        let bytes: [UInt8]

        func hash(into hasher: inout Hasher) {
            bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
        }

        static func == (left: Key, right: Key) -> Bool {
            left.bytes.withUnsafeBytes { left in
                right.bytes.withUnsafeBytes { right in
                    guard left.count == right.count else { return false }
                    guard let one = left.baseAddress, let other = right.baseAddress else { return true }
                    return memcmp(one, other, left.count) == 0
                }
            }
        }
    }

    private struct State {
        var newer: [Key: Value] = [:]
        var older: [Key: Value] = [:]
    }

    private let countMax: Int
    private let state = Mutex(State())

    init(countMax: Int) {
        self.countMax = countMax
    }

    func value(for bytes: [UInt8]) -> Value? {
        let key = Key(bytes: bytes)
        return state.withLock { state in
            if let value = state.newer[key] { return value }
            guard let value = state.older[key] else { return nil }
            insert(value, key, &state)
            return value
        }
    }

    func remember(_ value: Value, for bytes: [UInt8]) {
        state.withLock { insert(value, Key(bytes: bytes), &$0) }
    }

    private func insert(_ value: Value, _ key: Key, _ state: inout State) {
        if state.newer.count >= countMax {
            state.older = state.newer
            state.newer = [:]
        }
        state.newer[key] = value
    }
}
