public import OCI

/// What the database calls a repository: a number that is never given twice.
public struct RepositoryID: Hashable, Sendable {
    /// The number.
    let number: Int64
}

extension Facts {
    /// The repository of a name; nil when there is none.
    ///
    /// What changes facts learns with it which quotas it is in.
    public func repository(_ name: RepositoryName) throws -> RepositoryID? {
        try repository(name, linking: nil)
    }

    private func repository(_ name: RepositoryName, linking digest: Digest?) throws -> RepositoryID? {
        guard ledger != nil else { return try row(Statements.repository, .name(name))?.repository(0) }
        let questions = [Question(Statements.repository, [.name(name)])] + Self.quotasAlong(name, linking: digest)
        let answers = try connection.rows(of: questions)
        let known = try answers.first?.first.map { try Row($0).repository(0) }
        try learnQuotas(of: name, known, linking: digest, from: answers.dropFirst())
        return known
    }

    /// The repository of a name, made when there is none.
    ///
    /// - Parameters:
    ///   - name: The name.
    ///   - moment: When it is made.
    ///   - digest: A blob that it is going to link: what is asked about that is asked at once.
    /// - Returns: The repository.
    /// - Throws: What the database ran into.
    public func ensureRepository(
        _ name: RepositoryName,
        at moment: Timestamp,
        linking digest: Digest? = nil
    ) throws -> RepositoryID {
        if let known = try repository(name, linking: digest) { return known }
        try insertRepository(name, at: moment)
        if let counted = try countRepository(name) { return counted }
        guard let made = try row(Statements.repository, .name(name))?.repository(0) else {
            throw MetadataError(.corrupt, "the repository \(name) was made and is not there")
        }
        // No scope that it is in has a quota.
        ledger?.standings[made] = []
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
