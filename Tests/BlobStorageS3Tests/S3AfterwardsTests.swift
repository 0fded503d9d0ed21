import RegistryTesting
import Testing

@testable import BlobStorageS3

/// What cleans up after a task that was cancelled.
@Suite(.timeLimit(.minutes(1))) struct S3AfterwardsTests {
    @Test func `it is done although its task was cancelled`() async throws {
        let (begun, cancelled) = (Latch(), Latch())
        let task = Task {
            try await S3Afterwards.run(within: .seconds(30)) {
                begun.open()
                await cancelled.wait()
                try Task.checkCancellation()
            }
        }
        await begun.wait()
        task.cancel()
        cancelled.open()
        try await task.value
    }

    @Test func `it is given up a while after that, when nothing answers`() async throws {
        let begun = Latch()
        let task = Task {
            try await S3Afterwards.run(within: .milliseconds(20)) {
                begun.open()
                try await Task.sleep(for: .seconds(3600))
            }
        }
        await begun.wait()
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}
