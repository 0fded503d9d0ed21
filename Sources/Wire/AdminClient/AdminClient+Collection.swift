public import AdminModel
import Outgoing

/// The garbage collection.
extension AdminClient {
    /// What it has before it.
    public func collection() async throws -> CollectionStatus {
        try await value(Call(.get, ["gc"]))
    }

    /// Why a blob or manifest is kept, or when it goes.
    public func fate(of digest: String) async throws -> DigestFate {
        try await value(Call(.get, ["gc", "digests", digest]))
    }
}
