import AdminClient
import AdminModel
import ArgumentParser
import OCI

/// `wharf tag explain`: says what holds a tag where it is.
struct TagExplain: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say what holds a tag where it is: rules, a lock, and whether the glass is broken.",
        discussion: """
            The tag need not be there: so rules can be tried. For those who manage the project.

            Example: wharf tag explain localhost:5000/team/app:1.2
            """
    )

    @Argument(help: TaggedName.help)
    var name: TaggedName

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: ConnectionOptions

    var host: RegistryHost? { name.host }

    func run(with client: AdminClient) async throws {
        let explanation = try await client.explainTag(name.tag, in: name.repository)
        guard output.form == .table, output.field == nil else { return try output.show(document: explanation) }
        for line in explanation.lines { print(ShownText.line(line)) }
    }
}

extension TagExplanation {
    /// What holds the tag, a line each.
    fileprivate var lines: [String] {
        var lines = ["\(repository):\(tag) " + (digest.map { "points to \($0)" } ?? "is not there")]
        lines += rules.map { rule in
            switch rule.kind {
            case .immutable: return "immutable by the rule \(rule.name) of the project \(rule.project)"
            case .protected:
                let who = rule.roles.map { $0.joined(separator: ", ") } ?? "those who manage the project"
                return "protected by the rule \(rule.name) of the project \(rule.project), except from \(who)"
            }
        }
        if let lock { lines.append("locked by \(lock.lockedBy): \(lock.reason)") }
        if rules.isEmpty && lock == nil { lines.append("nothing holds it") }
        if let glass { lines.append("the glass is broken until \(glass.endsAt) by \(glass.brokenBy): \(glass.reason)") }
        return lines
    }
}
