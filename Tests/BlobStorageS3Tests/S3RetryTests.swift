import BlobStorage
import Foundation
import NIOCore
import RegistryTesting
import Synchronization
import Testing

@testable import BlobStorageS3

@Suite struct S3RetryTests {
    @Test(arguments: [
        (500, "InternalError"), (500, ""), (502, ""), (503, "SlowDown"), (503, ""), (504, ""), (400, "RequestTimeout"),
        (429, ""), (400, "BadDigest"), (409, "OperationAborted"), (200, "InternalError"),
    ])
    func `what passes is asked again, with all of its body`(status: Int, code: String) async throws {
        let content = Array(repeating: UInt8(7), count: 100_000)
        try await withHostile { _, count in
            guard count < 2 else { return .answer(200) }
            return code.isEmpty ? .answer(status) : .error(status, code)
        } _: { client, server in
            try await client.put("x", .bytes(content))
            #expect(server.asked.map(\.body) == [content, content, content])
            // Each is signed anew, with the hash of the body.
            #expect(Set(server.asked.compactMap { $0.headers["x-amz-content-sha256"] }).count == 1)
        }
    }

    @Test(arguments: [
        (403, "AccessDenied"), (404, "NoSuchBucket"), (400, "InvalidArgument"), (403, "RequestTimeTooSkewed"),
        (301, "PermanentRedirect"), (412, "PreconditionFailed"), (501, "NotImplemented"), (403, "QuotaExceeded"),
    ])
    func `what does not pass is asked once`(status: Int, code: String) async throws {
        try await withHostile { _, _ in
            .error(status, code)
        } _: { client, server in
            let error = try await failure { try await client.put("x", .empty) }
            #expect(error.serviceCode == code && error.status == status && error.attempts == 1)
            #expect(server.asked.count == 1)
        }
    }

    @Test func `a connection that is lost is no failure, and neither is one that never answers`() async throws {
        try await withHostile { _, count in
            count < 2 ? Said(bytes: [], ends: true) : .answer(204)
        } _: { client, server in
            try await client.delete("x")
            #expect(server.asked.count == 3)
        }
        var limits = S3Limits()
        // Long enough for a later answer on a busy machine, far shorter than what the first takes; by the clock of the
        // client, which runs fast, there is time for all of its attempts.
        limits.firstByteTimeout = .seconds(1)
        limits.attemptsDurationMax = .seconds(3600)
        try await withHostile(
            { _, count in
                if count == 0 { try? await Task.sleep(for: .seconds(20)) }
                return .answer(200)
            },
            limits: limits
        ) { client, server in
            try await client.put("x", .bytes([1]))
            #expect(server.asked.count >= 2)
        }
    }

    @Test func `a body that can be gone through once is sent once`() async throws {
        try await withHostile { _, _ in
            .slowDown
        } _: { client, server in
            let chunks = AsyncStream { continuation in
                continuation.yield(ByteBuffer(string: "once"))
                continuation.finish()
            }
            let error = try await failure { try await client.put("x", .stream(byteCount: 4, chunks)) }
            #expect(error.code == .slowDown && error.attempts == 1)
            #expect(server.asked.map(\.body) == [Array("once".utf8)])
        }
    }

    @Test func `a file that became shorter is said to be unreadable, and is not sent again`() async throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/short"
        try Data([1, 2, 3]).write(to: URL(filePath: path))
        let file = OpenFile(owning: open(path, O_RDONLY))
        try await withHostile { _, _ in
            .answer(200)
        } _: { client, server in
            let error = try await failure { try await client.put("x", .file(file, byteCount: 100)) }
            #expect(error.code == .bodyFailed)
            #expect(server.asked.isEmpty)
        }
    }

    @Test func `attempts end after their number and after their time`() async throws {
        var limits = S3Limits()
        limits.attemptsMax = 4
        let time = QuickTime()
        try await withHostile({ _, _ in .error(500, "InternalError") }, limits: limits, time: time) { client, server in
            let error = try await failure { try await client.head("x") }
            #expect(error.code == .unavailable && error.attempts == 4 && server.asked.count == 4)
            #expect(time.pauses == [.milliseconds(100), .milliseconds(200), .milliseconds(400)])
        }
        limits.attemptsDurationMax = .milliseconds(50)
        try await withHostile({ _, _ in .error(500, "InternalError") }, limits: limits) { client, server in
            let error = try await failure { try await client.head("x") }
            #expect(error.attempts == 1 && server.asked.count == 1)
        }
    }

    @Test func `it is waited for as long as the store asks`() async throws {
        let time = QuickTime()
        try await withHostile(
            { _, count in
                count == 0 ? .error(503, "SlowDown", [("Retry-After", "7")]) : .answer(200)
            },
            time: time
        ) { client, _ in
            try await client.put("x", .empty)
            #expect(time.pauses == [.seconds(7)])
        }
    }

    @Test func `pauses double up to a bound, and chance spreads them`() {
        var limits = S3Limits()
        limits.pauseMax = .seconds(1)
        limits.attemptsMax = 8
        var retries = S3Retries(limits, start: .zero)
        let passing = S3Error(.unavailable, "")
        var pauses: [S3Retries.Step] = []
        for _ in 0..<8 { pauses.append(retries.next(after: passing, mayRepeat: true, now: .zero, random: 0.5)) }
        let expected = [50, 100, 200, 400, 500, 500, 500].map { S3Retries.Step.again(after: .milliseconds($0)) }
        #expect(pauses == expected + [.giveUp])
        var once = S3Retries(limits, start: .zero)
        #expect(once.next(after: passing, mayRepeat: false, now: .zero, random: 0) == .giveUp)
        #expect(once.next(after: S3Error(.busy, ""), mayRepeat: true, now: .zero, random: 0) == .giveUp)
        #expect(once.next(after: passing, mayRepeat: true, now: .seconds(61), random: 0) == .giveUp)
    }

    @Test func `a request that is given up ends at once`() async throws {
        try await withHostile { _, _ in
            try? await Task.sleep(for: .seconds(20))
            return .answer(200)
        } _: { client, server in
            let start = ContinuousClock.now
            await #expect(throws: CancellationError.self) {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { _ = try await client.put("x", .empty) }
                    while server.asked.isEmpty { await Task.yield() }
                    group.cancelAll()
                    try await group.waitForAll()
                }
            }
            #expect(start.duration(to: .now) < .seconds(10))
        }
    }
}

@Suite struct S3LimiterTests {
    private static func limits(_ requests: Int, waiting: Int = 100) -> S3Limits {
        var limits = S3Limits()
        limits.requestsAtOnceMax = requests
        limits.waitingMax = waiting
        return limits
    }

    /// Who came when.
    private final class Order: Sendable {
        private let kept = Mutex<[Int]>([])

        var all: [Int] { kept.withLock { $0 } }

        func append(_ index: Int) { kept.withLock { $0.append(index) } }
    }

    private static let patient: @Sendable (Duration) async throws -> Void = { _ in
        try await Task.sleep(for: .seconds(60))
    }

    @Test func `the room is halved once for all that were under way, and grows by one for a round of good answers`()
        async throws
    {
        let limiter = S3Limiter(Self.limits(16), pause: Self.patient)
        var permits: [S3Limiter.Permit] = []
        for _ in 0..<16 { permits.append(try await limiter.acquire()) }
        for permit in permits { limiter.release(permit, .tooMuch) }
        #expect(limiter.room == 8)
        for _ in 0..<9 { limiter.release(try await limiter.acquire(), .well) }
        #expect(limiter.room == 9)
        for _ in 0..<20 { limiter.release(try await limiter.acquire(), .tooMuch) }
        #expect(limiter.room == S3Limiter.roomMin)
        for _ in 0..<500 { limiter.release(try await limiter.acquire(), .well) }
        #expect(limiter.room == 16)
        limiter.release(try await limiter.acquire(), .otherwise)
        #expect(limiter.room == 16)
    }

    @Test func `who comes when there is no room waits for a turn, in order`() async throws {
        let limiter = S3Limiter(Self.limits(1), pause: Self.patient)
        let first = try await limiter.acquire()
        let order = Order()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<3 {
                group.addTask {
                    let permit = try await limiter.acquire()
                    order.append(index)
                    limiter.release(permit, .well)
                }
                while limiter.waitingCount <= index { await Task.yield() }
            }
            limiter.release(first, .well)
            try await group.waitForAll()
        }
        #expect(order.all == [0, 1, 2])
        limiter.release(try await limiter.acquire(), .well)
    }

    @Test func `who would wait behind too many, or too long, is told that it is busy`() async throws {
        let limiter = S3Limiter(
            Self.limits(1, waiting: 1),
            pause: { _ in try await Task.sleep(for: .milliseconds(50)) }
        )
        let first = try await limiter.acquire()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await expectFailure(.busy) { try await limiter.acquire() } }
            while limiter.waitingCount == 0 { await Task.yield() }
            try await expectFailure(.busy) { try await limiter.acquire() }
            try await group.waitForAll()
        }
        #expect(limiter.waitingCount == 0)
        limiter.release(first, .well)
        limiter.release(try await limiter.acquire(), .well)
    }

    @Test func `who gives up leaves its place`() async throws {
        let limiter = S3Limiter(Self.limits(1), pause: Self.patient)
        let first = try await limiter.acquire()
        await #expect(throws: CancellationError.self) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { _ = try await limiter.acquire() }
                while limiter.waitingCount == 0 { await Task.yield() }
                group.cancelAll()
                try await group.waitForAll()
            }
        }
        #expect(limiter.waitingCount == 0)
        limiter.release(first, .well)
        limiter.release(try await limiter.acquire(), .well)
    }
}
