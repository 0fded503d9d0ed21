/// Work of the same kind, done by one tool after the other, which fills one or more rows of the table of tools.
protocol ToolWorkload: AnyObject {
    var rows: [ToolRow] { get }

    /// Does the work once, and returns what it took by the names of the rows.
    func measure(_ tool: Tool, on stage: Stage) throws -> [String: ToolRun]
}

/// All of them, in the order of the table.
func allToolWorkloads() -> [any ToolWorkload] {
    [ImageCopies(.ours), ImageCopies(.peer), ShortCommands()]
}
