import OCI
import RegistryContract
import RegistryTesting
import Synchronization
import Testing

@testable import Transfer

/// Counts what is under way, and the most that ever was.
private final class Meter: Sendable {
    private let state = Mutex((now: 0, most: 0, total: 0))

    var most: Int { state.withLock { $0.most } }
    var total: Int { state.withLock { $0.total } }

    func within<Result>(_ amount: Int = 1, _ body: () async throws -> Result) async rethrows -> Result {
        state.withLock { state in
            state.now += amount
            state.total += amount
            state.most = max(state.most, state.now)
        }
        defer { state.withLock { $0.now -= amount } }
        return try await body()
    }
}

@Suite("Whoever must wait", .timeLimit(.minutes(1)))
struct WaitingTests {
    private struct Failure: Error {}

    @Test func `for a share never has more than there is, and gets it in the end`() async throws {
        let shares = Shares(10)
        let meter = Meter()
        var random = SeededGenerator(seed: TestSeed.run)
        let amounts = (0..<200).map { _ in Int.random(in: 1...12, using: &random) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for amount in amounts {
                group.addTask {
                    try await shares.with(amount) { await meter.within(min(amount, 10)) { await Task.yield() } }
                }
            }
            try await group.waitForAll()
        }
        #expect(meter.most <= 10 && meter.total == amounts.reduce(0) { $0 + min($1, 10) })
        #expect(shares.used == 0)
    }

    @Test func `and is cancelled leaves the line, and holds up nobody behind`() async throws {
        let shares = Shares(2)
        try await shares.take(1)
        let big = Task { try await shares.take(2) }
        let small = Task { try await shares.take(1) }
        big.cancel()
        await #expect(throws: CancellationError.self) { try await big.value }
        try await small.value
        #expect(shares.used == 2)
        await #expect(throws: CancellationError.self) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.cancelAll()
                group.addTask { try await shares.take(1) }
                try await group.waitForAll()
            }
        }
        shares.give(2)
        #expect(shares.used == 0)
    }

    @Test func `for the same thing does it once`() async throws {
        let flights = Flights<Int>()
        let meter = Meter()
        let results = try await withThrowingTaskGroup(of: Int?.self) { group in
            for number in 0..<100 {
                group.addTask {
                    try await flights.once(number % 5) {
                        await meter.within {
                            await Task.yield()
                            return number % 5
                        }
                    }
                }
            }
            return try await group.reduce(into: [Int?]()) { $0.append($1) }
        }
        #expect(meter.total == 5)
        #expect(results.compactMap(\.self).sorted() == [0, 1, 2, 3, 4])
        #expect(flights.isDone(3) && !flights.isDone(7))
    }

    @Test func `fails with whoever does it, and may try again`() async throws {
        let flights = Flights<Int>()
        let (begun, release) = (Latch(), Latch())
        let first = Task {
            try await flights.once(1) {
                begun.open()
                await release.wait()
                throw Failure()
            }
        }
        await begun.wait()
        let second = Task { try await flights.once(1) {} }
        release.open()
        await #expect(throws: Failure.self) { try await first.value }
        // It came before the end of the first, and fails with it, or after, and succeeds.
        _ = await second.result
        _ = try await flights.once(1) {}
        #expect(flights.isDone(1))
    }
}

@Suite("The course of an upload")
struct UploadCourseTests {
    private struct Lost: Error {}

    private let policy = TransferRetries(triesMax: 3, restartsMax: 2)

    @Test func `asks where it stands after a lost connection, and goes on from there`() throws {
        var course = UploadCourse(policy: policy)
        #expect(try course.step(after: Lost(), seen: 100) == .ask)
        try course.resume(at: 70, seen: 100)
        #expect(course.offset == 70 && course.failureCount == 0)
        let elsewhere = RegistryError(.uploadOffsetInvalid, "", offset: 50)
        #expect(try course.step(after: elsewhere, seen: 100) == .goOn)
        #expect(course.offset == 50)
    }

    @Test func `ends after so many failures without progress`() throws {
        var course = UploadCourse(policy: policy)
        for _ in 0..<20 {
            let before = course.offset
            #expect(try course.step(after: Lost(), seen: 1000) == .ask)
            try course.resume(at: before + 1, seen: 1000)
        }
        #expect(try course.step(after: Lost(), seen: 1000) == .ask)
        try course.resume(at: 20, seen: 1000)
        #expect(try course.step(after: Lost(), seen: 1000) == .ask)
        #expect(throws: Lost.self) { try course.step(after: Lost(), seen: 1000) }
    }

    @Test func `begins anew where the upload is forgotten, but not endlessly`() throws {
        let forgotten = RegistryError(.uploadUnknown, "")
        var course = UploadCourse(policy: policy)
        try course.resume(at: 70, seen: 100)
        #expect(try course.step(after: forgotten, seen: 100) == .beginAnew)
        #expect(course.offset == 0)
        #expect(try course.step(after: forgotten, seen: 100) == .beginAnew)
        #expect(throws: forgotten) { try course.step(after: forgotten, seen: 100) }
    }

    @Test func `ends at once with what will not change`() {
        for code in [RegistryError.Code.denied, .unauthorized, .storageFull, .unsupported, .sizeInvalid] {
            var course = UploadCourse(policy: policy)
            #expect(throws: RegistryError(code, "")) { try course.step(after: RegistryError(code, ""), seen: 0) }
        }
    }

    @Test func `believes no offset beyond what was seen`() {
        var course = UploadCourse(policy: policy)
        #expect(throws: RegistryError(.unavailable, "")) { try course.resume(at: 101, seen: 100) }
        #expect(throws: RegistryError(.unavailable, "")) { try course.resume(at: -1, seen: 100) }
    }

    @Test func `waits longer each time, up to a limit, and never quite the same`() async throws {
        let waits = Mutex<[Duration]>([])
        let policy = TransferRetries(
            delayMin: .seconds(1),
            delayMax: .seconds(10),
            sleep: { wait in waits.withLock { $0.append(wait) } },
            random: { 0.5 }
        )
        for number in 1...6 { try await policy.wait(afterFailure: number) }
        #expect(waits.withLock { $0 } == [0.75, 1.5, 3, 6, 7.5, 7.5].map { .seconds($0) })
    }
}
