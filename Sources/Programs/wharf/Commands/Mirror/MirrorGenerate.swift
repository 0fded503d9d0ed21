import ArgumentParser
import ContainerTools

/// `wharf mirror generate`: makes the files that let container tools ask a mirror first.
struct MirrorGenerate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Make the files that let Docker, containerd and podman ask a mirror before a registry.",
        discussion: """
            Docker asks mirrors for Docker Hub alone, by daemon.json, where the mirror is put before those that are \
            there; containerd by certs.d/HOST/hosts.toml, podman by a file in registries.conf.d.

            Without --write nothing is changed: the texts are printed. With it, what was in a file is kept beside it.

            Examples:
              wharf mirror generate https://mirror.example
              wharf mirror generate https://wharf.example/quay --for quay.io --tool podman
              sudo wharf mirror generate https://mirror.example --write
            """
    )

    /// For which tools.
    enum Tools: String, ExpressibleByArgument, CaseIterable {
        case docker
        case containerd
        case podman
        case all

        var tools: [ContainerTool] {
            switch self {
            case .docker: [.docker]
            case .containerd: [.containerd]
            case .podman: [.podman]
            case .all: [.docker, .containerd, .podman]
            }
        }
    }

    @Argument(help: ArgumentHelp("The mirror, such as https://mirror.example.", valueName: "mirror-url"))
    var mirror: String

    @Option(name: .customLong("for"), help: ArgumentHelp("The registry that it has copies of.", valueName: "registry"))
    var upstream = "docker.io"

    @Option(help: "For which tool.")
    var tool = Tools.all

    @Option(
        name: .customLong("ca"),
        help: ArgumentHelp("The file of the mirror's authority, as containerd is told it.", valueName: "file")
    )
    var authorityFile: String?

    @Flag(help: "Write the files.")
    var write = false

    @Option(help: ArgumentHelp("The folder to take for /, for the image of another machine.", valueName: "dir"))
    var root = ""

    func run() throws {
        let text = try told { () throws(ToolFileProblem) in
            try MirrorText(mirror: mirror, upstream: upstream, authorityFile: authorityFile)
        }
        var machine = Machine.current
        machine.root = root.hasSuffix("/") ? String(root.dropLast()) : root
        var isDone = false
        for tool in self.tool.tools {
            do throws(ToolFileProblem) {
                try handle(tool, text, machine)
                isDone = true
            } catch {
                guard self.tool == .all, error.code == .wrongValue, tool == .docker else {
                    throw Failure(description: "\(error).")
                }
                Remark.print("Nothing for Docker: \(error.message).")
            }
        }
        guard isDone else { throw Failure(description: "There is nothing to do.") }
    }

    private func handle(_ tool: ContainerTool, _ text: MirrorText, _ machine: Machine) throws(ToolFileProblem) {
        let path = text.path(of: tool, on: machine)
        guard write else {
            let content = try text.text(for: tool, on: machine)
            if self.tool == .all {
                print("==> \(path) <==\n\(content)")
            } else {
                Remark.print("It belongs into \(path).")
                print(content, terminator: "")
            }
            return
        }
        let change = try text.write(for: tool, on: machine)
        let kept = change.backup.map { "; what was there is in \($0)" } ?? ""
        print(change.isChanged ? "\(change.path) written\(kept)." : "\(change.path) is as it should be.")
        if change.isChanged { Remark.print(Self.next(tool)) }
    }

    /// What remains to be done after a file was written.
    private static func next(_ tool: ContainerTool) -> String {
        switch tool {
        case .docker: "Docker reads it after: sudo systemctl restart docker"
        case .containerd:
            "containerd reads it at once, if its config.toml has config_path = \"/etc/containerd/certs.d\" for the "
                + "registry."
        case .podman: "podman reads it at once."
        }
    }

    private func told<Value>(_ body: () throws(ToolFileProblem) -> Value) throws -> Value {
        do throws(ToolFileProblem) { return try body() } catch { throw Failure(description: "\(error).") }
    }
}
