public import AdminModel
import Outgoing

/// What holds tags where they are: rules, locks, and the glass that is broken.
extension AdminClient {
    /// The rules of tags of a project, by name.
    public func tagRules(of project: String) -> AdminPages<TagRule> {
        AdminPages(client: self, call: Call(.get, ["projects", project, "tag-rules"]))
    }

    /// A rule of tags.
    public func tagRule(_ name: String, of project: String) async throws -> Tagged<TagRule> {
        try await read(Call(.get, ["projects", project, "tag-rules", name]))
    }

    /// Says what a rule of tags is, and makes it where there is none.
    public func setTagRule(
        _ name: String,
        of project: String,
        _ change: TagRuleChange,
        if condition: Condition = .none
    ) async throws -> TagRule {
        let path = ["projects", project, "tag-rules", name]
        return try await value(Call(.put, path, condition, body: Self.encoded(change)))
    }

    /// Deletes a rule of tags.
    public func deleteTagRule(_ name: String, of project: String, if condition: Condition = .none) async throws {
        try await perform(Call(.delete, ["projects", project, "tag-rules", name], condition))
    }

    /// The tags of a repository that are locked, by name.
    public func tagLocks(in repository: String) -> AdminPages<TagLock> {
        pages("tag-locks", query: [("repository", repository)])
    }

    /// Locks a tag.
    public func lock(_ lock: NewTagLock) async throws -> TagLock {
        try await value(Call(.post, ["tag-locks"], body: Self.encoded(lock)))
    }

    /// Takes the lock of a tag away.
    public func unlock(_ tag: String, in repository: String) async throws {
        try await perform(Call(.delete, ["tag-locks"], query: [("repository", repository), ("tag", tag)]))
    }

    /// The tags of a repository whose glass is broken now, by name.
    public func tagGlass(in repository: String) -> AdminPages<TagGlass> {
        pages("tag-glass", query: [("repository", repository)])
    }

    /// Breaks the glass of a tag.
    public func breakGlass(_ glass: NewTagGlass) async throws -> TagGlass {
        try await value(Call(.post, ["tag-glass"], body: Self.encoded(glass)))
    }

    /// Closes the glass of a tag before its time.
    public func closeGlass(_ tag: String, in repository: String) async throws {
        try await perform(Call(.delete, ["tag-glass"], query: [("repository", repository), ("tag", tag)]))
    }

    /// What holds a tag where it is.
    public func explainTag(_ tag: String, in repository: String) async throws -> TagExplanation {
        let query: [(name: String, value: String?)] = [("repository", repository), ("tag", tag)]
        return try await value(Call(.get, ["tag-guards", "explain"], query: query))
    }
}
