import Documents
import Foundation
import RegistryTesting
import Testing

/// What came of the steps of a pipeline, in the order in which they ran.
struct PipelineRun {
    private(set) var steps: [(name: String, result: CommandResult)] = []

    mutating func add(_ name: String, _ result: CommandResult) {
        steps.append((name, result))
    }

    /// Of the first step that failed, else 0.
    var status: Int32 { steps.first { $0.result.status != 0 }?.result.status ?? 0 }
    /// All that was written, as the system would show it.
    var text: String {
        steps.map { "[\($0.name)] \($0.result.standardOutput)\($0.result.standardError)" }.joined(separator: "\n")
    }
}

/// Something in a file of the documentation that the tests cannot run, and so nobody has tried.
struct NotUnderstood: Error, CustomStringConvertible {
    var description: String

    init(_ what: String) { description = "Not understood: \(what)" }
}

/// Who works with a registry, and where.
struct PipelineAccount {
    var registry: String
    var image: String
    var user: String
    var password: String
}

/// The files of the documentation that a build system runs.
enum PipelineSystem: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case gitlab = "gitlab-ci.yml"
    case github = "github-workflow.yml"
    case jenkins = "Jenkinsfile"

    var testDescription: String { rawValue }

    /// Runs the file as the system would.
    func run(
        on machine: BuildMachine,
        _ event: BuildMachine.Event,
        as account: PipelineAccount
    ) async throws -> PipelineRun {
        let text = try Self.file(rawValue)
        return switch self {
        case .gitlab: try await GitLabPipeline(text).run(on: machine, event, as: account)
        case .github: try await GitHubWorkflow(text).run(on: machine, event, as: account)
        case .jenkins: try await JenkinsPipeline(text).run(on: machine, event, as: account)
        }
    }

    /// The path of a file of the documentation.
    static func path(_ name: String) -> String {
        URL(filePath: #filePath).appending(path: "../../../../Documentation/\(name)").standardized.path
    }

    private static func file(_ name: String) throws -> String {
        try String(contentsOfFile: path("pipelines/\(name)"), encoding: .utf8)
    }
}

/// A part of a YAML file, read as build systems read it: whatever is not known is refused.
extension JSONValue {
    static func yaml(_ text: String, named name: String) throws -> JSONValue {
        let documents = try YAMLDocument.read(text, named: name)
        guard documents.count == 1, let only = documents.first else {
            throw NotUnderstood("\(name): several documents")
        }
        return try only.value()
    }

    /// The members of a mapping, which may have these names alone.
    func members(of what: String, only names: Set<String>? = nil) throws -> [Member] {
        guard case .object(let members) = self else { throw NotUnderstood("\(what) is no mapping") }
        if let names, let other = members.first(where: { !names.contains($0.name) }) {
            throw NotUnderstood("\(other.name) in \(what)")
        }
        return members
    }

    /// A text or a number.
    func text(of what: String) throws -> String {
        switch self {
        case .string(let text), .number(let text): return text
        default: throw NotUnderstood("\(what) is no text")
        }
    }

    /// The items of a list.
    func items(of what: String) throws -> [JSONValue] {
        guard case .array(let items) = self else { throw NotUnderstood("\(what) is no list") }
        return items
    }

    /// The texts of a list.
    func texts(of what: String) throws -> [String] {
        try items(of: what).map { try $0.text(of: what) }
    }
}
