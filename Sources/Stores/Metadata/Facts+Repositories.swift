public import OCI

/// What the database calls a repository: a number that is never given twice.
public struct RepositoryID: Hashable, Sendable {
    /// The number.
    let number: Int64
}

extension Facts {
    /// The repository of a name; nil when there is none.
    public func repository(_ name: RepositoryName) throws -> RepositoryID? {
        try row(Statements.repository, .name(name))?.repository(0)
    }

    /// The repository of a name, made when there is none.
    public func ensureRepository(_ name: RepositoryName, at moment: Timestamp) throws -> RepositoryID {
        if let known = try repository(name) { return known }
        try insertRepository(name, at: moment)
        guard let made = try repository(name) else {
            throw MetadataError(.corrupt, "the repository \(name) was made and is not there")
        }
        return made
    }

    /// Makes a repository, unless there is one of the name.
    func insertRepository(_ name: RepositoryName, at moment: Timestamp) throws {
        let project = String(name.components.first ?? "")
        try post(Statements.insertRepository, .name(name), .text(project), .time(moment))
    }

    /// The name of a repository; nil when there is none of that number.
    public func name(of repository: RepositoryID) throws -> RepositoryName? {
        try row(Statements.repositoryName, .id(repository))?.name(0)
    }

    /// At most `limit` names that come after a text, which need not be a name itself, in bytewise order.
    public func repositories(after text: String?, limit: Int) throws -> [RepositoryName] {
        try rows(Statements.repositories, .position(text), .count(limit)).map { try $0.name(0) }
    }
}
