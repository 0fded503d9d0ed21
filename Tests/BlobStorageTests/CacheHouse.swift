import BlobStorage
import Hashing
import NIOCore
import NIOPosix
import OCI
import RegistryTesting
import Synchronization
import Testing

@testable import BlobStorageFiles

/// A cache that runs, the store behind it, and what it has said.
struct CacheHouse: Sendable {
    let base: RemoteStore
    let cache: CachingBlobStore
    let path: String
    let problems: Problems

    /// What was told to the operator.
    final class Problems: Sendable {
        private let all = Mutex<[CacheProblem]>([])

        var codes: [CacheProblem.Code] { all.withLock { $0.map(\.code) } }

        func add(_ problem: CacheProblem) { all.withLock { $0.append(problem) } }
    }

    /// Runs `body` with a cache in a folder; a megabyte of room, unless something else is said.
    static func run(
        in folder: String,
        over base: RemoteStore = RemoteStore(),
        limits: CacheLimits = CacheLimits(byteCountMax: 1 << 20),
        calls: any FileSystemCalls = SystemCalls(),
        isRunning: Bool = true,
        _ body: (CacheHouse) async throws -> Void
    ) async throws {
        var opened: CacheHouse?
        // What an earlier one has left to a thread may hold the folder for a moment longer.
        try await eventually("the folder is free") {
            do {
                opened = try await open(in: folder, over: base, limits: limits, calls: calls)
            } catch let error as BlobStoreError where error.message.contains("in use") {}
            return opened != nil
        }
        let house = try #require(opened)
        guard isRunning else { return try await body(house) }
        try await house.running { try await body(house) }
    }

    /// Opens a cache in a folder.
    static func open(
        in folder: String,
        over base: RemoteStore,
        limits: CacheLimits = CacheLimits(byteCountMax: 1 << 20),
        calls: any FileSystemCalls = SystemCalls()
    ) async throws -> CacheHouse {
        let problems = Problems()
        let cache = try await CachingBlobStore.open(
            base,
            folder: "\(folder)/cache",
            limits: limits,
            threads: .singleton,
            calls: calls,
            observer: { problems.add($0) }
        )
        return CacheHouse(base: base, cache: cache, path: "\(folder)/cache", problems: problems)
    }

    /// Runs the cache as long as `body` takes.
    func running(_ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await cache.run() }
            try await eventually("the cache runs") { cache.isRunning }
            try await body()
            group.cancelAll()
        }
    }

    /// Puts a blob into the base.
    func sample(_ count: Int, seed: UInt64, _ algorithm: Digest.Algorithm = .sha256) async throws -> SampleUpload {
        let sample = SampleUpload(count: count, seed: seed, algorithm)
        try await sample.finish(base.memory)
        return sample
    }

    func open(_ sample: SampleUpload) async throws -> StoredBlob {
        try await cache.open(sample.key, digest: sample.digest)
    }

    /// Reads all of a blob and puts it into the cache.
    func fetch(_ sample: SampleUpload) async throws {
        try await sample.demandStored(in: cache)
        try await settle()
    }

    /// Waits until nothing is on its way.
    func settle() async throws {
        try await eventually("all downloads and checks ended") { cache.counts.activeCount == 0 }
    }

    /// Whether a blob is given as a file, with the right bytes.
    func isFile(_ sample: SampleUpload) async throws -> Bool {
        let blob = try await open(sample)
        guard case .file = blob.content else { return false }
        #expect(try await blob.allBytes() == sample.bytes)
        return true
    }

    /// The path of a blob's file.
    func file(_ sample: SampleUpload) -> String {
        cache.folder.file(OpenBlobs.Name(key: sample.key, digest: sample.digest))
    }

    /// Whether neither blobs nor downloads have files.
    func hasNoFiles() throws -> Bool {
        let (blobs, downloads) = (try names("cached"), try names("fills"))
        return blobs.isEmpty && downloads.isEmpty
    }

    /// The names below a folder of the cache.
    func names(_ part: String) throws -> [String] {
        let calls = SystemCalls()
        guard part == "cached" else { return try calls.names(in: "\(path)/\(part)") }
        return try calls.names(in: "\(path)/cached").flatMap { try calls.names(in: "\(path)/cached/\($0)") }
    }
}

extension StoredBlob {
    /// Asks for a part of a blob that is not a file.
    func part(_ range: Range<Int64>? = nil) async throws -> any RemoteBytes {
        guard case .remote(let blob) = content else { throw NotRemote() }
        return try await blob.read(range ?? 0..<byteCount)
    }

    struct NotRemote: Error {}
}

extension RemoteBytes {
    /// All bytes that come, and what went wrong then.
    func drain() async -> (bytes: [UInt8], failure: (any Error)?) {
        var bytes: [UInt8] = []
        do {
            while let batch = try await next(upTo: 100_000) {
                for buffer in batch { bytes += buffer.readableBytesView }
            }
            return (bytes, nil)
        } catch {
            return (bytes, error)
        }
    }

    /// The digest of all bytes.
    func digest(_ algorithm: Digest.Algorithm = .sha256) async throws -> Digest {
        var hash = ContentHash(algorithm)
        while let batch = try await next(upTo: 256 << 10) {
            for buffer in batch { buffer.withUnsafeReadableBytes { hash.update($0) } }
        }
        return hash.digest()
    }
}

/// Waits until something is so, for at most a minute.
func eventually(_ sentence: String, _ condition: () async throws -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(60)
    while try await !condition() {
        try #require(ContinuousClock.now < end, "in vain waited until \(sentence)")
        try await Task.sleep(for: .milliseconds(1))
    }
}
