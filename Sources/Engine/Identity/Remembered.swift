import Synchronization

/// Values that are remembered for a while by bytes, at most twice a number of them.
///
/// Bytes and not text: two texts are equal when Unicode says so, which takes long to find out for some of them.
///
/// When the newer half is full, the older one is forgotten: what is asked for moves to the newer.
final class Remembered<Value: Sendable>: Sendable {
    private struct State {
        var newer: [[UInt8]: Value] = [:]
        var older: [[UInt8]: Value] = [:]
    }

    private let countMax: Int
    private let state = Mutex(State())

    init(countMax: Int) {
        self.countMax = countMax
    }

    func value(for key: [UInt8]) -> Value? {
        state.withLock { state in
            if let value = state.newer[key] { return value }
            guard let value = state.older[key] else { return nil }
            insert(value, key, &state)
            return value
        }
    }

    func remember(_ value: Value, for key: [UInt8]) {
        state.withLock { insert(value, key, &$0) }
    }

    private func insert(_ value: Value, _ key: [UInt8], _ state: inout State) {
        if state.newer.count >= countMax {
            state.older = state.newer
            state.newer = [:]
        }
        state.newer[key] = value
    }
}
