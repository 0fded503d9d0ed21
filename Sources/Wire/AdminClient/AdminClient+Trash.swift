public import AdminModel
import Outgoing

/// What was deleted: looked at, brought back, or purged.
extension AdminClient {
    /// What is in the trash, the newest first: of a repository, or of all.
    public func trash(of repository: String? = nil) -> AdminPages<TrashEntry> {
        pages("trash", query: [("repository", repository)])
    }

    /// Something that is in the trash.
    public func trashEntry(_ id: Int64) async throws -> TrashEntry {
        try await value(Call(.get, ["trash", "\(id)"]))
    }

    /// Brings something back as it was.
    public func restore(_ id: Int64, _ request: RestoreRequest = RestoreRequest()) async throws -> RestoredEntry {
        try await value(Call(.post, ["trash", "\(id)", "restore"], body: Self.encoded(request)))
    }

    /// Removes something for good.
    public func purgeTrash(_ id: Int64) async throws {
        try await perform(Call(.delete, ["trash", "\(id)"]))
    }

    /// Deletes a repository with all that is in it.
    public func deleteRepository(_ name: String) async throws -> TrashEntry {
        try await value(Call(.delete, ["repositories", name]))
    }

    /// What a deletion would free, of some manifests or of the whole repository; nothing is deleted.
    public func estimate(deletingFrom name: String, manifests: [String]? = nil) async throws -> DeletionEstimate {
        try await value(
            Call(
                .post,
                ["repositories", name, "deletion-estimate"],
                body: Self.encoded(DeletionQuestion(manifests: manifests))
            )
        )
    }
}
