import Logging
import NIOCore
import NIOPosix
import Synchronization

/// What all connections of a server share.
final class Serving: Sendable {
    let responder: any HTTPResponder
    let limits: ServerLimits
    let budget: BodyBudget
    /// What the bodies of answers take that are read into memory and wait for their clients.
    let sendBudget = BodyBudget(byteCount: 64 << 20, batchByteCounts: BodySender.chunkByteCounts)
    let windows: WindowBudget
    let metrics: ServerMetrics
    let proxies: TrustedProxies
    /// Nil when requests are not logged.
    let accessLog: Logger?
    /// Reads of files that must not block an event loop.
    let threads: NIOThreadPool
    private let draining = Atomic(false)
    private let tasks = Atomic(0)
    private let requestIDBase = UInt64.random(in: .min ... .max)
    private let requestCount = Atomic<UInt64>(0)

    init(
        responder: any HTTPResponder,
        limits: ServerLimits,
        budget: BodyBudget,
        metrics: ServerMetrics,
        proxies: TrustedProxies,
        accessLog: Logger?,
        threads: NIOThreadPool
    ) {
        self.responder = responder
        self.limits = limits
        self.budget = budget
        windows = WindowBudget(byteCount: limits.http2UploadByteCountMax)
        self.metrics = metrics
        self.proxies = proxies
        self.accessLog = accessLog
        self.threads = threads
    }

    /// Whether no further request is wanted.
    var isDraining: Bool { draining.load(ordering: .acquiring) }

    func beginDraining() {
        draining.store(true, ordering: .releasing)
    }

    /// How many requests are being answered: also those whose client has gone.
    var taskCount: Int { tasks.load(ordering: .acquiring) }

    func taskBegan() {
        tasks.wrappingAdd(1, ordering: .relaxed)
    }

    func taskEnded() {
        tasks.wrappingSubtract(1, ordering: .releasing)
    }

    func nextRequestID() -> RequestID {
        RequestID(base: requestIDBase, count: requestCount.wrappingAdd(1, ordering: .relaxed).newValue)
    }
}
