import Glibc
import NIOCore
public import RegistryContract
import Synchronization

/// A body that comes in pieces, as a test wants them: it can wait between two of them, and break at its end.
public final class ScriptedBody: ByteStream {
    /// What a body does next.
    public enum Step: Sendable {
        /// It brings these bytes.
        case bytes([UInt8])
        /// It brings nothing until this has returned.
        case wait(@Sendable () async -> Void)
        /// It breaks.
        case fail
    }

    /// How a body breaks.
    public struct Broken: Error, Equatable {
        /// The one way.
        public init() {}
    }

    /// What was said of the length.
    public let declaredByteCount: Int64?
    private let steps: Mutex<[Step]>

    /// A body that does `steps`, one after the other, and then ends.
    public init(_ steps: [Step], declaring declaredByteCount: Int64? = nil) {
        self.steps = Mutex(steps)
        self.declaredByteCount = declaredByteCount
    }

    /// Has no meaning here: a step is a batch.
    public var batchByteCount: Int { 1 << 20 }

    /// The bytes of the next step that has any.
    public func next(upTo byteCount: Int) async throws -> [ByteBuffer]? {
        while let step = steps.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
            switch step {
            case .bytes(let bytes): return [ByteBuffer(bytes: bytes)]
            case .wait(let until): await until()
            case .fail: throw Broken()
            }
        }
        return nil
    }
}

/// Something that happens once, and that others wait for.
public final class Latch: Sendable {
    private struct State {
        var isOpen = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// Has not happened yet.
    public init() {}

    /// It has happened.
    public func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Returns when it has happened: for a thread of its own, such as that of a ``TestConnection``.
    public func block() {
        while !state.withLock({ $0.isOpen }) { usleep(1000) }
    }

    /// Returns when it has happened.
    public func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }
}
