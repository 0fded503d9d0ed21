import RegistryTesting
import Testing

/// Runs each test of a suite once on every engine.
struct EveryEngine: TestTrait, SuiteTrait, TestScoping {
    var isRecursive: Bool { true }

    @concurrent
    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        for database in TestDatabase.allCases {
            await TestDatabase.$current.withValue(database) {
                do {
                    try await function()
                } catch {
                    Issue.record(error, "on \(database)")
                }
            }
        }
    }
}

extension Trait where Self == EveryEngine {
    static var everyEngine: EveryEngine { EveryEngine() }
}
