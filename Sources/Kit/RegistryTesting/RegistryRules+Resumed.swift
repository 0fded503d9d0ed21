import OCI
import RegistryContract

// Two clients at one upload: mostly one whose connection broke, and who comes again while the old one still hangs.
extension RegistryRules {
    /// Waits for an offset: over a network, a question may arrive before the end of a connection that broke.
    private static func demandOffset(_ offset: Int64, of id: UploadID, at registry: any Registry) async throws {
        let end = ContinuousClock.now + .seconds(10)
        while try await registry.upload(id, in: app).offset < offset, ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(5))
        }
        try demandEqual(try await registry.upload(id, in: app).offset, offset, "the offset after a break")
    }

    static let resumed: [Rule] = [
        Rule("What came before a body broke is kept, and the upload goes on after it") { registry in
            let blob = SampleBlob(count: 5000, seed: 40)
            let id = try await registry.startUpload(in: app, algorithm: .sha256).id
            let first = ScriptedBody([
                .bytes(Array(blob.bytes[..<2000])), .bytes(Array(blob.bytes[2000..<3000])), .fail,
            ])
            try await demandBroken { _ = try await registry.append(first, to: id, at: 0, in: app) }
            try await demandOffset(3000, of: id, at: registry)
            let second = ScriptedBody([.bytes(Array(blob.bytes[3000..<4000])), .fail], declaring: 2000)
            try await demandBroken {
                _ = try await registry.finishUpload(id, appending: second, at: 3000, expecting: blob.name, in: app)
            }
            try await demandOffset(4000, of: id, at: registry)
            let rest = blob.body(4000..<5000)
            _ = try await registry.finishUpload(id, appending: rest, at: 4000, expecting: blob.name, in: app)
            try await registry.demandWhole(blob, in: app)
        },
        Rule("Of chunks at the same offset exactly one is taken, and the others are refused") { registry in
            for round in 0..<10 {
                let blob = SampleBlob(count: 30_000, seed: UInt64(300 + round))
                let id = try await registry.startUpload(in: app, algorithm: .sha256).id
                let wins = try await race(count: 4) {
                    let pieces = stride(from: 0, to: 20_000, by: 1000).map { start in
                        ScriptedBody.Step.bytes(Array(blob.bytes[start..<start + 1000]))
                    }
                    _ = try await registry.append(ScriptedBody(pieces), to: id, at: 0, in: app)
                }
                try demandEqual(wins, 1, "how many were taken in round \(round)")
                let rest = blob.body(20_000..<30_000)
                _ = try await registry.finishUpload(id, appending: rest, at: 20_000, expecting: blob.name, in: app)
                try await registry.demandWhole(blob, in: app)
            }
        },
        Rule("A chunk that is refused, or a question, does not disturb the one that is under way") { registry in
            let blob = SampleBlob(count: 3000, seed: 41)
            let id = try await registry.startUpload(in: app, algorithm: .sha256).id
            let (isUnderWay, mayGoOn) = (Latch(), Latch())
            let slow = ScriptedBody([
                .bytes(Array(blob.bytes[..<1000])),
                .wait {
                    isUnderWay.open(); await mayGoOn.wait()
                },
                .bytes(Array(blob.bytes[1000..<2000])),
            ])
            async let status = registry.append(slow, to: id, at: 0, in: app)
            await isUnderWay.wait()
            _ = try await registry.upload(id, in: app)
            try await demandRefusal(.uploadOffsetInvalid, "a chunk from elsewhere") {
                _ = try await registry.append(blob.body(2500..<3000), to: id, at: 2500, in: app)
            }
            mayGoOn.open()
            try demandEqual(try await status.offset, 2000, "the offset after the slow one")
            let rest = blob.body(2000..<3000)
            _ = try await registry.finishUpload(id, appending: rest, at: 2000, expecting: blob.name, in: app)
            try await registry.demandWhole(blob, in: app)
        },
        Rule("A new attempt fences off an old one that hangs, which then writes nothing more") { registry in
            let blob = SampleBlob(count: 3000, seed: 42)
            let id = try await registry.startUpload(in: app, algorithm: .sha256).id
            let (isHanging, comesBack) = (Latch(), Latch())
            let junk = [UInt8](repeating: 0xee, count: 500)
            let old = ScriptedBody([
                .bytes(Array(blob.bytes[..<1000])),
                .wait {
                    isHanging.open(); await comesBack.wait()
                }, .bytes(junk),
            ])
            async let late: Void = demandLate { _ = try await registry.append(old, to: id, at: 0, in: app) }
            await isHanging.wait()
            let offset = try await registry.upload(id, in: app).offset
            let next = blob.body(Int(offset)..<2000)
            _ = try await registry.append(next, to: id, at: offset, in: app)
            comesBack.open()
            try await late
            try demandEqual(try await registry.upload(id, in: app).offset, 2000, "the offset after both")
            let rest = blob.body(2000..<3000)
            _ = try await registry.finishUpload(id, appending: rest, at: 2000, expecting: blob.name, in: app)
            try await registry.demandWhole(blob, in: app)
        },
        Rule("Of many who finish an upload at once, one does and the others are refused") { registry in
            for round in 0..<5 {
                let blob = SampleBlob(count: 2000, seed: UInt64(400 + round))
                let id = try await registry.startUpload(in: app, algorithm: .sha256).id
                _ = try await registry.append(blob.body(0..<1000), to: id, at: 0, in: app)
                let wins = try await race(count: 4) {
                    let rest = blob.body(1000..<2000)
                    _ = try await registry.finishUpload(id, appending: rest, at: 1000, expecting: blob.name, in: app)
                }
                try demandEqual(wins, 1, "how many have finished in round \(round)")
                try await registry.demandWhole(blob, in: app)
            }
        },
    ]

    /// How many of several that do the same at once succeed; throws when one fails other than by coming second.
    private static func race(
        count: Int,
        _ body: @escaping @Sendable () async throws -> Void
    ) async throws -> Int {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<count {
                group.addTask {
                    do {
                        try await body()
                        return true
                    } catch let error as RegistryError where isSecond(error) {
                        return false
                    }
                }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
    }

    /// Throws unless `body` is told that somebody else was faster.
    private static func demandLate(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let error as RegistryError where isSecond(error) {
            return
        }
        throw ContractViolation("the attempt that hung was not refused", #fileID, #line)
    }

    private static func isSecond(_ error: RegistryError) -> Bool {
        error.code == .uploadOffsetInvalid || error.code == .uploadUnknown
    }

    /// Throws unless `body` throws what broke the body of a request.
    private static func demandBroken(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch is ScriptedBody.Broken {
            return
        }
        throw ContractViolation("the call did not throw what broke its body", #fileID, #line)
    }
}
