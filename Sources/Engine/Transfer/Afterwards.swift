/// Work that is done although its task was cancelled: to clean up.
enum Afterwards {
    /// How long it may take.
    static let timeMax = Duration.seconds(5)

    /// Does something in a task of its own, and waits for it, but not for long; whether it fails is nobody's concern.
    static func run(_ body: @escaping @Sendable () async throws -> Void) async {
        await Task {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { try? await body() }
                group.addTask { try? await Task.sleep(for: timeMax) }
                await group.next()
                group.cancelAll()
            }
        }.value
    }
}
