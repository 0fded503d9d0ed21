public import AdminModel
import Outgoing

/// What is damaged, and what nobody may change.
extension AdminClient {
    /// What was found to be damaged and is not mended, by digest.
    public func damage() -> AdminPages<Damage> { pages("damage") }

    /// What nobody may change, by scope.
    public func readOnly() -> AdminPages<ReadOnly> { pages("read-only") }

    /// Says that nobody may change something, a project or everything, and why.
    public func setReadOnly(_ scope: String, _ reason: ReadOnlyReason) async throws -> ReadOnly {
        try await value(Call(.put, ["read-only", scope], body: Self.encoded(reason)))
    }

    /// Lets something be changed again.
    public func deleteReadOnly(_ scope: String) async throws {
        try await perform(Call(.delete, ["read-only", scope]))
    }
}
