import AdminClient
import AdminModel
import ArgumentParser

/// `wharf get`: shows what is set, in the form that `wharf apply` takes.
struct Get: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Show what is set: as YAML or JSON in the form that `wharf apply` takes.",
        discussion: """
            Without -o a table is shown. Tokens, sessions and keys can be shown, but not declared. No password and no \
            secret is ever shown.

            Example: wharf get all -o yaml > wharf.yaml
            """
    )

    @Argument(help: "What: \(DeclaredKind.allCases.map(\.rawValue).joined(separator: ", ")).")
    var kind: DeclaredKind

    @Argument(help: "The name of one of them.")
    var name: String?

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        guard kind != .all || name == nil else { throw ValidationError("all has no name: say which kind it is of") }
    }

    func run(with client: AdminClient) async throws {
        if output.form == .table || !kind.isDeclarable {
            let kinds = kind == .all ? DeclaredKind.allCases.filter { $0.isDeclarable && $0 != .all } : [kind]
            for (index, kind) in kinds.enumerated() {
                if kinds.count > 1 { print("\(index > 0 ? "\n" : "")\(kind.rawValue.uppercased())") }
                try await show(kind, of: client)
            }
        } else {
            try output.show(document: try declared(in: try await client.declaration()))
        }
    }

    private func show(_ kind: DeclaredKind, of client: AdminClient) async throws {
        let subject = name.map { SubjectArgument(argument: $0).text }
        // Over the socket nobody has tokens of their own.
        let owner = connection.isLocal ? "*" : nil
        switch kind {
        case .roles: try await show(client.roles()) { try await client.role($0).value }
        case .users: try await show(client.users()) { try await client.user($0).value }
        case .groups: try await show(client.groups()) { try await client.group($0).value }
        case .projects: try await show(client.projects()) { try await client.project($0).value }
        case .robots: try await show(client.robots()) { try await client.robot($0).value }
        case .members: try await show(client.members()) { try await client.member(subject ?? $0).value }
        case .tokens: try await show(client.tokens(of: owner)) { try await client.token($0).value }
        case .sessions: try await show(client.sessions(of: owner)) { try await client.session($0).value }
        case .keys:
            try await show(client.keys()) { id in
                guard let key = try await client.keys().all().first(where: { $0.id == id }) else {
                    throw missing(id)
                }
                return key
            }
        case .all: break
        }
    }

    private func show<Item: TableRow>(
        _ pages: AdminPages<Item>,
        one: (String) async throws -> Item
    ) async throws {
        if let name {
            try output.show([try await one(name)])
        } else {
            try output.show(try await pages.all())
        }
    }

    /// What is asked for of everything that is declared.
    private func declared(in whole: Declaration) throws -> Declaration {
        switch kind {
        case .roles: Declaration(roles: try picked(whole.roles, by: \.name))
        case .users: Declaration(users: try picked(whole.users, by: \.name))
        case .groups: Declaration(groups: try picked(whole.groups, by: \.name))
        case .projects: Declaration(projects: try picked(whole.projects, by: \.name))
        case .robots: Declaration(robots: try picked(whole.robots, by: \.name))
        case .members:
            Declaration(
                members: try picked(whole.members, by: \.subject, name.map { SubjectArgument(argument: $0).text })
            )
        case .all, .tokens, .sessions, .keys: whole
        }
    }

    private func picked<Item>(_ items: [Item]?, by key: (Item) -> String) throws -> [Item] {
        try picked(items, by: key, name)
    }

    private func picked<Item>(_ items: [Item]?, by key: (Item) -> String, _ name: String?) throws -> [Item] {
        guard let name else { return items ?? [] }
        let found = (items ?? []).filter { key($0) == name }
        guard !found.isEmpty else { throw missing(name) }
        return found
    }

    private func missing(_ name: String) -> AdminFailure {
        AdminFailure(.notFound, "there is no \(kind.noun) \(name) that could be declared")
    }
}
