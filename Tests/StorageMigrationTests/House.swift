import RegistryTesting
import Testing
import Upkeep

/// Which stores an installation has.
struct House: Sendable, CustomTestStringConvertible {
    let database: TestDatabase
    let blobs: TestBlobs

    init(_ database: TestDatabase, _ blobs: TestBlobs) {
        (self.database, self.blobs) = (database, blobs)
    }

    var testDescription: String { "\(database)+\(blobs)" }

    /// Runs `body` where stores that are opened are of these kinds, with a folder for them.
    func with(_ body: (TemporaryFolder) async throws -> Void) async throws {
        try await TestDatabase.$current.withValue(database) {
            try await TestBlobs.$current.withValue(blobs) { try await body(TemporaryFolder(inMemory: true)) }
        }
    }

    /// Opens empty stores for as long as `body` runs.
    func open(_ body: @Sendable (TestStores) async throws -> Void) async throws {
        try await with { folder in
            let stores = try await TestStores.open(in: folder)
            do {
                try await body(stores)
            } catch {
                try? await stores.close()
                throw error
            }
            try await stores.close()
        }
    }
}
