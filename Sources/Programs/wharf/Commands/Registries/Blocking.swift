import NIOPosix

/// Work that blocks: files, and programs that are waited for.
enum Blocking {
    /// Runs it on a thread where blocking is no harm.
    static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await NIOThreadPool.singleton.runIfActive(body)
    }
}
