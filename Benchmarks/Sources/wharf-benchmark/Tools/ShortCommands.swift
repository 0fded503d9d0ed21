/// Commands that are over at once: what the start of the program takes.
final class ShortCommands: ToolWorkload {
    private static let startCount = 20

    let rows = [
        ToolRow(name: "help", work: "--help, median of 20 starts", unit: .milliseconds, millisecondsMax: 30),
        ToolRow(name: "list", work: "list tags, median of 20 starts", unit: .milliseconds, millisecondsMax: 30),
    ]

    func measure(_ tool: Tool, on stage: Stage) throws -> [String: ToolRun] {
        let help = try stage.run(tool.help(program: stage.program), times: Self.startCount)
        let list = try stage.withServer(.ours) { server in
            let image = Image(layer: stage.payload.small, number: 0)
            let clients = try Clients(1, port: server.port)
            try clients.run([Step.script(image.push(to: Tool.repository, tag: Tool.tag))])
            return try stage.run(tool.list(port: server.port, program: stage.program), times: Self.startCount)
        }
        return ["help": ToolRun(medianOf: help), "list": ToolRun(medianOf: list)]
    }
}
