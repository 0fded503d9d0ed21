import AdminClient
import AdminModel
import ArgumentParser

/// `wharf group set`: says who is in a group, and makes it where there is none.
struct GroupSet: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Say who is in a group, and make it where there is none.",
        discussion: """
            Example: wharf group set web alice bob
            """
    )

    @Argument(help: "The name of the group.")
    var name: String

    @Argument(help: "All who are to be in it: users and robots.")
    var members: [String] = []

    @Option(name: .customLong("add"), help: "One to put into it; the others stay. May be repeated.")
    var added: [String] = []

    @Option(name: .customLong("remove"), help: "One to take out of it; the others stay. May be repeated.")
    var removed: [String] = []

    @Flag(help: "Nobody is to be in it.")
    var empty = false

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        let ways = [!members.isEmpty, !added.isEmpty || !removed.isEmpty, empty].count { $0 }
        guard ways == 1 else {
            throw ValidationError("say who is in it: all members, or --add and --remove, or --empty")
        }
    }

    func run(with client: AdminClient) async throws {
        guard !added.isEmpty || !removed.isEmpty else {
            return try output.show(try await client.setGroup(name, GroupMembers(members: members)))
        }
        let group = try await changing {
            let current = try await client.group(name)
            let wanted = Set(current.value.members).union(added).subtracting(removed).sorted()
            return try await client.setGroup(name, GroupMembers(members: wanted), if: current.isUnchanged)
        }
        try output.show(group)
    }
}
