import BlobStorage
import BlobStorageFiles
import Hosting
import Metadata
import MetadataSQLite
import NIOPosix
import RegistryContract
import RegistryTesting
import Synchronization
import Testing

/// Power is lost at every step of some pushes: after each call to the disk, and before and after each commit.
///
/// What the files then hold is what `PowerLossFileSystem` says. The database holds all commits up to there: that an
/// acknowledged commit survives, and that a later one implies the earlier, is SQLite's, asserted with the metadata.
@Suite("Power is lost during a push")
struct PowerLossTests {
    /// Where the power is lost.
    fileprivate enum Moment: Sendable, CustomStringConvertible {
        case never
        case call(Int)
        case beforeCommit(Int)
        case afterCommit(Int)

        var description: String {
            switch self {
            case .never: "never"
            case .call(let number): "at call \(number)"
            case .beforeCommit(let number): "before commit \(number)"
            case .afterCommit(let number): "after commit \(number), which was not acknowledged"
            }
        }
    }

    private static let chanceCount = TestSeed.count(1, soaking: 8, of: "mixtures of what survives each loss of power")

    @Test("At each call to the disk: what was acknowledged is whole, and a retry works")
    func eachCall() async throws {
        let (callCount, _) = try await Self.run(.never)
        #expect(callCount > 60, "the script makes too few calls to prove anything")
        // How many calls there are differs from run to run: now and then two random keys lie in the same folder.
        for number in 1... {
            let (made, _) = try await Self.run(.call(number))
            guard made >= number else {
                try #require(number > callCount - 20, "the script ended early")
                break
            }
        }
    }

    @Test("Around each commit: what was acknowledged is whole, and a retry works", arguments: [false, true])
    func eachCommit(isDone: Bool) async throws {
        let (_, commitCount) = try await Self.run(.never)
        #expect(commitCount > 20, "the script makes too few commits to prove anything")
        for number in 1...commitCount {
            _ = try await Self.run(isDone ? .afterCommit(number) : .beforeCommit(number))
        }
    }

    @Test(
        "The simulation is sharp: on a disk that ignores fsync, acknowledged pushes are damaged",
        arguments: PowerLossFileSystem.Neglect.allCases
    )
    func sharp(neglect: PowerLossFileSystem.Neglect) async throws {
        await #expect(throws: Loss.self) { _ = try await Self.run(.never, neglecting: neglect) }
    }

    @Test("The simulation is sharp: where a checkpoint flushes no bytes, uploads are lost that were acknowledged")
    func sharpForCheckpoints() async throws {
        await #expect(throws: Loss.self) { _ = try await Self.run(.never, through: ForgetfulBlobStore.init) }
    }

    /// Something that was acknowledged and is not there.
    struct Loss: Error, CustomStringConvertible {
        let description: String
    }

    /// Runs the script until the moment, and looks at what is left; how many calls and commits it took.
    private static func run(
        _ moment: Moment,
        neglecting neglect: PowerLossFileSystem.Neglect? = nil,
        through wrapped: (any BlobStore) -> any BlobStore = { $0 }
    ) async throws -> (callCount: Int, commitCount: Int) {
        let folder = try TemporaryFolder(inMemory: true)
        let bytes = try TemporaryFolder(inMemory: true)
        let disk = try PowerLossFileSystem(watching: bytes.path, neglecting: neglect)
        let opening = FailingFileSystem(disk)
        // The store is opened with the power on: to begin anew on half a folder is the store's own tests' matter.
        _ = try await FileBlobStore.open(folder: "\(bytes.path)/blobs", threads: .singleton, calls: opening)
        let first = opening.calls.count
        let failing = if case .call(let number) = moment { first + number } else { 0 }
        let calls = FailingFileSystem(disk, failing: failing, .fromThenOn)
        let files = try await FileBlobStore.open(folder: "\(bytes.path)/blobs", threads: .singleton, calls: calls)
        var mains: PoweredEngine?
        let stores = try await TestStores.open(
            in: folder,
            blobs: { _ in wrapped(files) },
            before: { base in
                let engine = PoweredEngine(base, calls: calls, moment.commit)
                mains = engine
                return engine
            }
        )
        var script = try PushScript()
        var failure: (any Error)?
        do {
            try await script.run(on: stores.registry(.init(checkpointByteCount: PushScript.checkpointByteCount)))
        } catch {
            failure = error
        }
        if case .never = moment, let failure { throw failure }
        calls.cut()
        try await stores.close()
        for round in 0..<2 + chanceCount {
            let chance = [0, 1, 0.5][min(round, 2)]
            try await check(script, folder, disk, chance, TestSeed.round(round), moment)
        }
        return (calls.calls.count - first, mains?.commitCount ?? 0)
    }

    /// Starts anew on what is left.
    private static func check(
        _ script: PushScript,
        _ folder: TemporaryFolder,
        _ disk: PowerLossFileSystem,
        _ chance: Double,
        _ seed: UInt64,
        _ moment: Moment
    ) async throws {
        let after = try TemporaryFolder(inMemory: true)
        try await Command("cp", ["-r", "\(folder.path)/.", after.path]).output()
        try await Command("rm", ["-rf", "\(after.path)/blobs"]).output()
        try disk.losePower(into: after.path, chance: chance, seed: seed)
        let situation = "\(moment), chance \(chance), TEST_SEED=\(TestSeed.run)"
        do {
            let stores = try await TestStores.open(in: after)
            do {
                try await stores.demandSound(after: script, mayLeaveGarbage: true)
            } catch {
                try? await stores.close()
                throw error
            }
            try await stores.close()
        } catch {
            throw Loss(description: "\(situation): \(error)")
        }
    }
}

extension PowerLossTests.Moment {
    fileprivate var commit: (number: Int, isDone: Bool)? {
        switch self {
        case .beforeCommit(let number): (number, false)
        case .afterCommit(let number): (number, true)
        default: nil
        }
    }
}

/// An engine that hangs on the same mains as the disk: when one is off, so is the other.
private final class PoweredEngine: MetadataEngine {
    private let base: any MetadataEngine
    private let calls: FailingFileSystem
    private let last: (number: Int, isDone: Bool)?
    private let count = Mutex(0)

    init(_ base: any MetadataEngine, calls: FailingFileSystem, _ last: (number: Int, isDone: Bool)?) {
        self.base = base
        self.calls = calls
        self.last = last
    }

    /// How many commits were begun.
    var commitCount: Int { count.withLock { $0 } }

    var dialect: Dialect { base.dialect }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try requirePower()
        return try await base.read(body)
    }

    func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try requirePower()
        let number = count.withLock { count in
            count += 1
            return count
        }
        let isLast = number == last?.number
        if isLast, last?.isDone == false { calls.cut() }
        try requirePower()
        let value = try await base.write(body)
        if isLast { calls.cut() }
        try requirePower()
        return value
    }

    func integrityProblems() async throws -> [String] {
        try await base.integrityProblems()
    }

    func close() async throws {
        try await base.close()
    }

    private func requirePower() throws {
        guard calls.isCut else { return }
        throw MetadataError(.unavailable, "there is no power")
    }
}
