import ArgumentParser
import Foundation

/// Options that many commands have: the reference describes them once, and the commands refer to them.
struct SharedOptions {
    /// What they are together.
    let title: String
    /// A sentence on them.
    let sentence: String
    /// Each of them.
    let arguments: [CommandDescription.Argument]

    /// All that there are.
    static func all() throws -> [SharedOptions] {
        [
            try SharedOptions(
                OutputOptions.self,
                "Output options",
                "What a command shows can be a table for people, or a document for programs."
            ),
            try SharedOptions(
                DocumentOutputOptions.self,
                "Document options",
                "A document that lies in a registry is shown byte for byte, unless something else is asked for."
            ),
            try SharedOptions(
                CopyOptions.self,
                "Copy options",
                "What is taken along, and how it moves."
            ),
            try SharedOptions(
                RegistryOptions.self,
                "Registry options",
                "How registries are reached. Logins, certificates, mirrors and proxies are those of this machine."
            ),
            try SharedOptions(
                ConnectionOptions.self,
                "Server options",
                "Which wharf server is managed, and as whom: over the socket in its data folder, or over the network."
            ),
        ]
    }

    private init(_ type: any ParsableArguments.Type, _ title: String, _ sentence: String) throws {
        self.title = title
        self.sentence = sentence
        struct Dump: Decodable {
            struct Command: Decodable {
                let arguments: [CommandDescription.Argument]?
            }
            let command: Command
        }
        let dump = try JSONDecoder().decode(Dump.self, from: Data(type._dumpHelp().utf8))
        arguments = (dump.command.arguments ?? []).filter { $0.shouldDisplay && !$0.isBuiltIn }
    }

    /// Whether a command has all of them.
    func isPart(of command: CommandDescription) -> Bool {
        let known = Set(command.shownArguments.map(\.identity))
        return arguments.allSatisfy { known.contains($0.identity) }
    }
}

extension CommandDescription {
    /// The options that it does not share, and those that it does.
    func divided(by shared: [SharedOptions]) -> (own: [Argument], shared: [SharedOptions]) {
        let parts = shared.filter { $0.isPart(of: self) }
        let known = Set(parts.flatMap(\.arguments).map(\.identity))
        return (shownArguments.filter { !known.contains($0.identity) }, parts)
    }
}

extension CommandDescription.Argument {
    /// What makes it the same in two commands.
    fileprivate var identity: String { "\(synopsis) \(abstract ?? "") \(defaultValue ?? "")" }

    /// Its help as whole sentences: what it is, what it may be, and what it is where it is not given.
    var sentences: String {
        var text = abstract ?? ""
        if let allValues, !allValues.isEmpty, !allValues.allSatisfy({ text.contains($0) }) {
            text += " One of \(allValues.joined(separator: ", "))."
        }
        if let defaultValue { text += " Default: \(defaultValue)." }
        if kind == .option, isRepeating, !text.contains("repeated") { text += " May be repeated." }
        return text
    }
}
