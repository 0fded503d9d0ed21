import ArgumentParser

/// `wharf robot`: the commands about robots, which are accounts of programs.
struct RobotCommands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "robot",
        abstract: "Make and change robots: accounts of programs.",
        discussion: "Example: wharf robot create ci --project team --role writer",
        subcommands: [
            RobotList.self, RobotShow.self, RobotCreate.self, RobotChange.self, RobotRotate.self, RobotDelete.self,
        ]
    )
}
