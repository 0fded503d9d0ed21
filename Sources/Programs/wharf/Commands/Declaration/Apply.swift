import AdminClient
import AdminModel
import ArgumentParser

/// `wharf apply`: makes what files declare so.
struct Apply: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Make what a YAML file declares so, all or nothing.",
        discussion: """
            The difference is shown first, and at a terminal you are asked. What is not declared stays as it is. The \
            keys are roles, users, groups, projects, robots and members; `wharf get all -o yaml` writes them.

            Example: wharf apply -f roles.yaml --dry-run
            """
    )

    @Option(
        name: [.customShort("f"), .customLong("file")],
        help: ArgumentHelp("A YAML file; - for standard input. May be repeated.", valueName: "file")
    )
    var files: [String]

    @Flag(help: "Only show the difference.")
    var dryRun = false

    @Flag(name: [.customShort("y"), .customLong("yes")], help: "Do not ask.")
    var yes = false

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        let declaration = try DeclarationFiles(paths: files)
        do {
            let plan = try await client.apply(json: declaration.json, isDryRun: true).changes
            guard !plan.isEmpty else { return print("Nothing differs.") }
            show(plan)
            let count = plan.count == 1 ? "1 change" : "\(plan.count) changes"
            guard !dryRun else { return print("\(count), not made.") }
            if !yes, Terminal.isThere {
                guard try Terminal.confirms("Make \(plan.count == 1 ? "this change" : "these \(count)")?") else {
                    throw Failure(description: "Nothing was changed.")
                }
            }
            let made = try await client.apply(json: declaration.json, isDryRun: false).changes
            if made != plan {
                print("Somebody else has changed something meanwhile. What was done:")
                show(made)
            }
            print("\(made.count == 1 ? "1 change" : "\(made.count) changes") made.")
            remark(on: made)
        } catch let failure as AdminFailure {
            throw declaration.explaining(failure)
        }
    }

    private func show(_ changes: [DeclarationChange]) {
        let signs: [DeclarationChange.Operation: String] = [.create: "+", .change: "~", .delete: "-"]
        for change in changes {
            print("\(signs[change.operation] ?? "?") \(change.kind) \(change.name)")
            for field in change.fields {
                let text = change.operation == .create ? "" : "\(field.from ?? "nothing") -> "
                print("    \(field.field): \(text)\(field.to ?? "nothing")")
            }
        }
    }

    /// Who was made has nothing to log in with yet.
    private func remark(on changes: [DeclarationChange]) {
        for change in changes where change.operation == .create {
            switch change.kind {
            case "user": Remark.print("\(change.name) has no password yet: wharf user reset-password \(change.name)")
            case "robot": Remark.print("\(change.name) has no secret yet: wharf robot rotate \(change.name)")
            default: break
            }
        }
    }
}
