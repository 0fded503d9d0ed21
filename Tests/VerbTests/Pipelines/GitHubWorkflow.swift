import Documents
import Foundation
import RegistryTesting

/// A workflow of GitHub, run as a runner does.
struct GitHubWorkflow {
    private static let stepKeys: Set = ["name", "id", "if", "env", "uses", "with", "run"]

    /// What the expressions of a step can see.
    private struct Context {
        var values: [String: String]
        var hasFailed = false

        /// A text with its expressions put in.
        func filled(_ text: String) throws -> String {
            var result = ""
            var rest = text[...]
            while let match = rest.firstMatch(of: #/\$\{\{ ([\w.]+) \}\}/#) {
                result.append(contentsOf: rest[..<match.range.lowerBound])
                result.append(try value(String(match.1)))
                rest = rest[match.range.upperBound...]
            }
            guard !rest.contains("${{") else { throw NotUnderstood("the expression in \(text)") }
            return result + String(rest)
        }

        /// Whether a step runs.
        func holds(_ condition: String?) throws -> Bool {
            guard let condition else { return !hasFailed }
            if condition == "always()" { return true }
            guard let match = condition.wholeMatch(of: #/([\w.]+) == '(\w+)'/#) else {
                throw NotUnderstood("the condition \(condition)")
            }
            return try !hasFailed && value(String(match.1)) == match.2
        }

        private func value(_ name: String) throws -> String {
            guard let value = values[name] else { throw NotUnderstood("the expression \(name)") }
            return value
        }
    }

    let root: JSONValue
    private let job: JSONValue
    private let shell: [String]

    init(_ text: String) throws {
        root = try .yaml(text, named: "workflow.yml")
        let keys: Set = ["name", "on", "permissions", "concurrency", "defaults", "jobs"]
        _ = try root.members(of: "the file", only: keys)
        let jobs = try root["jobs"]?.members(of: "jobs") ?? []
        guard jobs.count == 1 else { throw NotUnderstood("several jobs") }
        job = jobs[0].value
        _ = try job.members(of: "the job", only: ["runs-on", "timeout-minutes", "env", "steps"])
        guard root["defaults"]?["run"]?["shell"] == .string("bash") else { throw NotUnderstood("another shell") }
        // What GitHub runs for it, and -u besides, so that a variable that nobody sets is no empty text here.
        shell = ["bash", "--noprofile", "--norc", "-euo", "pipefail"]
    }

    func run(
        on machine: BuildMachine,
        _ event: BuildMachine.Event,
        as account: PipelineAccount
    ) async throws -> PipelineRun {
        var run = PipelineRun()
        var context = Context(values: [
            "vars.REGISTRY": account.registry, "vars.IMAGE": account.image, "vars.REGISTRY_USER": account.user,
            "secrets.REGISTRY_PASSWORD": account.password,
        ])
        var variables = ["GITHUB_SHA": machine.commit, "RUNNER_TEMP": "\(machine.path)/temporary"]
        switch event {
        case .branch: (context.values["github.ref_type"], variables["GITHUB_REF_NAME"]) = ("branch", "main")
        case .tag(let tag): (context.values["github.ref_type"], variables["GITHUB_REF_NAME"]) = ("tag", tag)
        }
        try Self.add(job["env"], to: &variables, context)
        for step in try job["steps"]?.items(of: "steps") ?? [] {
            _ = try step.members(of: "a step", only: Self.stepKeys)
            guard try context.holds(step["if"]?.text(of: "if")) else { continue }
            try await self.run(step, on: machine, &variables, &context, &run)
        }
        return run
    }

    private func run(
        _ step: JSONValue,
        on machine: BuildMachine,
        _ variables: inout [String: String],
        _ context: inout Context,
        _ run: inout PipelineRun
    ) async throws {
        guard let script = try step["run"]?.text(of: "run") else {
            // The checkout is there.
            let action = try step["uses"]?.text(of: "uses") ?? ""
            guard action.hasPrefix("actions/checkout@") else { throw NotUnderstood("the action \(action)") }
            return
        }
        // What others have named, such as a tag, would become a part of the script.
        guard !script.contains("${{") else { throw NotUnderstood("an expression in a script: give it by env") }
        let (names, outputs) = ("\(machine.path)/github-env", "\(machine.path)/github-output")
        for file in [names, outputs] { try "".write(toFile: file, atomically: true, encoding: .utf8) }
        var own = variables
        try Self.add(step["env"], to: &own, context)
        (own["GITHUB_ENV"], own["GITHUB_OUTPUT"]) = (names, outputs)
        let name = try step["name"]?.text(of: "name") ?? "a step"
        let result = try await machine.run(script: script, shell: shell, own)
        run.add(name, result)
        if result.status != 0 { context.hasFailed = true }
        for (name, value) in try Self.assignments(in: names) { variables[name] = value }
        guard let id = try step["id"]?.text(of: "id") else { return }
        for (name, value) in try Self.assignments(in: outputs) { context.values["steps.\(id).outputs.\(name)"] = value }
    }

    private static func add(_ more: JSONValue?, to variables: inout [String: String], _ context: Context) throws {
        for member in try more?.members(of: "env") ?? [] {
            variables[member.name] = try context.filled(try member.value.text(of: member.name))
        }
    }

    private static func assignments(in file: String) throws -> [(String, String)] {
        try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").map { line in
            guard let equals = line.firstIndex(of: "=") else { throw NotUnderstood("the assignment \(line)") }
            return (String(line[..<equals]), String(line[line.index(after: equals)...]))
        }
    }
}
