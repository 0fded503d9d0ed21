import AdminModel
import ArgumentParser

/// `wharf read-only`: the commands about what nobody may change.
struct ReadOnlyCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "read-only",
        abstract: "Keep the registry, or a project, from being changed, and let it be changed again.",
        discussion: "Example: wharf read-only on team --reason 'moving to new disks'",
        subcommands: [ReadOnlyOn.self, ReadOnlyOff.self, ReadOnlyShow.self]
    )
}

extension ReadOnly: TableRow {
    static let columns = ["SCOPE", "REASON", "SINCE", "BY"]
    var cells: [String] { [scope, reason, setAt.short, setBy] }
}
