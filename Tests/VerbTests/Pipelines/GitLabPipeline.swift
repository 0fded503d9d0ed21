import Documents
import Foundation
import RegistryTesting

/// A `.gitlab-ci.yml`, run as a runner with the shell executor does.
struct GitLabPipeline {
    private static let jobKeys: Set = [
        "stage", "rules", "script", "before_script", "after_script", "artifacts", "tags",
    ]

    private let root: JSONValue
    private let jobs: [JSONValue.Member]

    init(_ text: String) throws {
        root = try .yaml(text, named: ".gitlab-ci.yml")
        let keywords: Set = ["workflow", "stages", "variables", "default"]
        jobs = try root.members(of: "the file").filter { !keywords.contains($0.name) }
        for job in jobs { _ = try job.value.members(of: job.name, only: Self.jobKeys) }
        _ = try root["default"]?.members(of: "default", only: ["tags", "before_script", "after_script"])
    }

    func run(
        on machine: BuildMachine,
        _ event: BuildMachine.Event,
        as account: PipelineAccount
    ) async throws -> PipelineRun {
        var run = PipelineRun()
        var variables = Self.predefined(machine, event, account)
        for member in try root["variables"]?.members(of: "variables") ?? [] {
            variables[member.name] = try Self.expanded(try member.value.text(of: member.name), variables)
        }
        let workflow = try root["workflow"]?.members(of: "workflow", only: ["rules"]).first?.value
        guard try Self.isWanted(workflow, variables) else { throw NotUnderstood("no rule of the workflow holds") }
        for stage in try root["stages"]?.texts(of: "stages") ?? [] {
            for job in jobs where try job.value["stage"]?.text(of: "stage") == stage {
                guard try Self.isWanted(job.value["rules"], variables) else { continue }
                try await self.run(job, on: machine, &variables, &run)
                guard run.status == 0 else { return run }
            }
        }
        return run
    }

    private func run(
        _ job: JSONValue.Member,
        on machine: BuildMachine,
        _ variables: inout [String: String],
        _ run: inout PipelineRun
    ) async throws {
        func lines(_ key: String) throws -> [String] {
            try (job.value[key] ?? root["default"]?[key])?.texts(of: "\(key) of \(job.name)") ?? []
        }
        // One shell runs both; -u besides, so that a variable that nobody sets is no empty text here.
        let shell = ["bash", "-euo", "pipefail"]
        let script = try (lines("before_script") + lines("script")).joined(separator: "\n")
        run.add(job.name, try await machine.run(script: script, shell: shell, variables))
        let after = try lines("after_script").joined(separator: "\n")
        let result = try await machine.run(script: after, shell: shell, variables)
        // What comes after a job does not make it fail.
        run.add("\(job.name), afterwards", CommandResult(0, result))
        guard let artifacts = job.value["artifacts"], run.status == 0 else { return }
        let reports = try artifacts.members(of: "artifacts", only: ["reports"])[0].value
        let file = try reports.members(of: "reports", only: ["dotenv"])[0].value.text(of: "dotenv")
        for line in try String(contentsOfFile: "\(machine.checkout)/\(file)", encoding: .utf8).split(separator: "\n") {
            guard let equals = line.firstIndex(of: "=") else { throw NotUnderstood("\(line) in \(file)") }
            variables[String(line[..<equals])] = String(line[line.index(after: equals)...])
        }
    }

    private static func predefined(
        _ machine: BuildMachine,
        _ event: BuildMachine.Event,
        _ account: PipelineAccount
    ) -> [String: String] {
        var variables = [
            "CI_REGISTRY": account.registry, "CI_REGISTRY_IMAGE": account.image, "CI_REGISTRY_USER": account.user,
            "CI_REGISTRY_PASSWORD": account.password, "CI_PROJECT_DIR": machine.checkout,
            "CI_DEFAULT_BRANCH": "main", "CI_COMMIT_SHA": machine.commit,
            "CI_COMMIT_SHORT_SHA": String(machine.commit.prefix(8)), "CI_COMMIT_TIMESTAMP": machine.commitTime,
        ]
        switch event {
        case .branch: variables["CI_COMMIT_BRANCH"] = "main"
        case .tag(let tag): variables["CI_COMMIT_TAG"] = tag
        }
        return variables
    }

    /// A text with its variables put in.
    private static func expanded(_ text: String, _ variables: [String: String]) throws -> String {
        var result = ""
        var rest = text[...]
        while let match = rest.firstMatch(of: #/\$(\w+)/#) {
            guard let value = variables[String(match.1)] else { throw NotUnderstood("the variable \(match.0)") }
            result.append(contentsOf: rest[..<match.range.lowerBound])
            result.append(value)
            rest = rest[match.range.upperBound...]
        }
        return result + String(rest)
    }

    /// Whether one of the rules holds, or there are none.
    private static func isWanted(_ rules: JSONValue?, _ variables: [String: String]) throws -> Bool {
        guard let rules else { return true }
        return try rules.items(of: "rules").contains { rule in
            let condition = try rule.members(of: "a rule", only: ["if"])[0].value.text(of: "if")
            guard let match = condition.wholeMatch(of: #/\$(\w+)(?: == \$(\w+))?/#) else {
                throw NotUnderstood("the rule \(condition)")
            }
            let value = variables[String(match.1)]
            guard let other = match.2 else { return value?.isEmpty == false }
            return value == variables[String(other)]
        }
    }
}

extension CommandResult {
    /// The same with another status.
    init(_ status: Int32, _ other: CommandResult) {
        self = other
        self.status = status
    }
}
