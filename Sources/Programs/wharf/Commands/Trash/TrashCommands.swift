import AdminModel
import ArgumentParser

/// `wharf trash`: the commands about what was deleted.
struct TrashCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trash",
        abstract: "Show what was deleted, bring it back, or remove it for good.",
        discussion: "Example: wharf trash list team/app",
        subcommands: [TrashList.self, TrashRestore.self, TrashPurgeCommand.self]
    )
}

extension TrashEntry: TableRow {
    static let columns = ["ID", "KIND", "WHAT", "DELETED", "BY", "PURGED"]
    var cells: [String] { ["\(id)", kind, name, deletedAt.short, deletedBy, ending] }

    /// Such as `team/app:1.0`.
    var name: String {
        if let tag { return "\(repository):\(tag)" }
        if let digest { return "\(repository)@\(digest)" }
        return repository
    }

    private var ending: String {
        if let within { return "with \(within)" }
        return purgeAt.short(else: "now")
    }
}
