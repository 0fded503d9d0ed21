import ArgumentParser

/// `wharf quota`: the commands about how much there may be.
struct QuotaCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quota",
        abstract: "Say how much there may be, and see how much there is.",
        discussion: "Example: wharf quota set team --size 50GiB",
        subcommands: [QuotaList.self, QuotaShow.self, QuotaSet.self, QuotaDelete.self]
    )
}
