public import BlobStorage
public import BlobStorageFiles
public import Hosting
public import Metadata
import MetadataSQLite
import NIOPosix
public import RegistryContract
import Synchronization

/// The stores of a registry that a test takes apart: it makes hosts over them, one after another or at once.
///
///     FOLDER/
///       blobs/         the bytes, where ``TestBlobs/current`` is files
///       facts.sqlite   the facts, where ``TestDatabase/current`` is SQLite
public struct TestStores: Sendable {
    /// Where all of it lies.
    public let folder: TemporaryFolder
    /// The database, as it is.
    public let engine: any MetadataEngine
    /// The facts, through what stands before the database.
    public let facts: FactStore
    /// The bytes.
    public let blobs: any BlobStore
    /// The time.
    public let clock: TestClock

    /// Opens stores in a folder.
    ///
    /// - Parameters:
    ///   - folder: What holds them, empty or used before.
    ///   - clock: The time.
    ///   - calls: The way to the disk for the bytes; where it is given, they are in files.
    ///   - blobs: Stands before, or in the place of, the store of the bytes.
    ///   - before: Stands before the database, once its schema is up to date.
    /// - Returns: The stores, ready.
    /// - Throws: Why they cannot be opened.
    public static func open(
        in folder: TemporaryFolder,
        clock: TestClock = TestClock(),
        calls: (any FileSystemCalls)? = nil,
        blobs: (any BlobStore) -> any BlobStore = { $0 },
        before: (any MetadataEngine) -> any MetadataEngine = { $0 }
    ) async throws -> TestStores {
        let engine = try await TestDatabase.current.open(in: folder, file: "facts.sqlite")
        do {
            try await FactStore(engine: engine).migrate()
            let opened: any BlobStore
            if let calls {
                let path = "\(folder.path)/blobs"
                opened = try await FileBlobStore.open(folder: path, threads: .singleton, calls: calls)
            } else {
                opened = try await TestBlobs.current.open(in: folder.path)
            }
            return TestStores(
                folder: folder,
                engine: engine,
                facts: FactStore(engine: before(engine)),
                blobs: blobs(opened),
                clock: clock
            )
        } catch {
            try? await engine.close()
            throw error
        }
    }

    /// Opens stores in a folder of their own for as long as `body` runs.
    public static func with<Value: Sendable>(
        blobs: (any BlobStore) -> any BlobStore = { $0 },
        _ body: (TestStores) async throws -> Value
    ) async throws -> Value {
        let stores = try await open(in: TemporaryFolder(inMemory: true), blobs: blobs)
        do {
            let value = try await body(stores)
            try await stores.close()
            return value
        } catch {
            try? await stores.close()
            throw error
        }
    }

    /// A process that has just started over the stores: it knows nothing but what they hold.
    public func host(_ options: RegistryHost.Options = RegistryHost.Options()) -> RegistryHost {
        var options = options
        options.isAlone = options.isAlone && engine is SQLiteEngine
        return RegistryHost(facts: facts, blobs: blobs, options: options) { clock.now() }
    }

    /// A registry of such a process.
    public func registry(_ options: RegistryHost.Options = RegistryHost.Options()) -> any Registry {
        host(options).registry(for: .tester)
    }

    /// The same stores as another process sees them: it shares with this one only what they hold.
    public func elsewhere() async throws -> TestStores {
        let blobs = try await TestBlobs.current.open(in: folder.path)
        return TestStores(folder: folder, engine: engine, facts: facts, blobs: blobs, clock: clock)
    }

    /// Lets the database go.
    public func close() async throws {
        try await engine.close()
    }
}

extension Caller {
    /// Who calls in tests.
    public static let tester = Caller(id: "tester", address: "127.0.0.1", requestID: "test")
}

/// A clock that a test sets; it moves on by a microsecond each time that it is read.
public final class TestClock: Sendable {
    private let microseconds = Mutex<Int64>(1_700_000_000_000_000)

    /// Begins some time in 2023.
    public init() {}

    /// The moment, and on to the next.
    public func now() -> Timestamp {
        microseconds.withLock { microseconds in
            microseconds += 1
            return Timestamp(microseconds: microseconds)
        }
    }

    /// Lets time pass.
    public func advance(by duration: Duration) {
        microseconds.withLock { $0 += duration.components.seconds * 1_000_000 }
    }
}
