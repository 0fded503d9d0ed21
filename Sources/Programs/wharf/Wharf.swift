import ArgumentParser

/// The program: a container image registry and the tools to run it.
@main struct Wharf: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wharf",
        abstract: "A container image registry.",
        version: "0.1.0",
        subcommands: [
            Serve.self, Storage.self, Audit.self, Config.self, Certs.self, UserCommands.self, GroupCommands.self,
            ProjectCommands.self, MemberCommands.self, RobotCommands.self, TokenCommands.self, SessionCommands.self,
            RoleCommands.self, KeyCommands.self, AccessCommands.self, WhoAmI.self, Apply.self, Get.self,
        ]
    )
}
