import Foundation
import RegistryTesting

/// A declarative Jenkinsfile, run as an agent does.
struct JenkinsPipeline {
    private let parts: [GroovyStatement]
    /// What Jenkins runs for `sh` on Debian, and -u besides, so that a variable that nobody sets is no empty text here.
    private static let shell = ["sh", "-xeu"]

    init(_ text: String) throws {
        let statements = try GroovyStatement.read(text)
        guard statements.count == 1, statements[0].name == "pipeline" else { throw NotUnderstood("no pipeline") }
        parts = statements[0].body
        let known: Set = ["agent", "options", "environment", "stages", "post"]
        if let other = parts.first(where: { !known.contains($0.name) }) { throw NotUnderstood(other.name) }
    }

    func run(
        on machine: BuildMachine,
        _ event: BuildMachine.Event,
        as account: PipelineAccount
    ) async throws -> PipelineRun {
        var run = PipelineRun()
        var variables = ["GIT_COMMIT": machine.commit, "WORKSPACE_TMP": "\(machine.path)/temporary"]
        switch event {
        case .branch: variables["BRANCH_NAME"] = "main"
        case .tag(let tag): (variables["BRANCH_NAME"], variables["TAG_NAME"]) = (tag, tag)
        }
        for assignment in body(of: "environment") {
            variables[assignment.name] = try Self.value(of: assignment, variables, account)
        }
        for stage in body(of: "stages") {
            guard stage.name == "stage", case .text(let name)? = stage.arguments.first else {
                throw NotUnderstood("\(stage.name) among stages")
            }
            guard try Self.isWanted(stage, variables) else { continue }
            for part in stage.body where part.name != "when" {
                guard part.name == "steps" else { throw NotUnderstood("\(part.name) in the stage \(name)") }
                for step in part.body where run.status == 0 {
                    run.add(name, try await Self.run(step, on: machine, variables, account))
                }
            }
        }
        for condition in body(of: "post") {
            guard condition.name == "always" else { throw NotUnderstood("\(condition.name) in post") }
            for step in condition.body { run.add("post", try await Self.run(step, on: machine, variables, account)) }
        }
        return run
    }

    private func body(of name: String) -> [GroovyStatement] {
        parts.filter { $0.name == name }.flatMap(\.body)
    }

    private static func run(
        _ step: GroovyStatement,
        on machine: BuildMachine,
        _ variables: [String: String],
        _ account: PipelineAccount
    ) async throws -> CommandResult {
        switch (step.name, step.arguments) {
        case ("sh", let arguments):
            guard arguments.count == 1, case .text(let script) = arguments[0] else {
                throw NotUnderstood("sh with more than a text in single quotes")
            }
            return try await machine.run(script: script, shell: shell, variables)
        case ("withCredentials", let arguments) where step.body.count == 1:
            let variables = try variables.merging(credentials(arguments, account)) { $1 }
            return try await run(step.body[0], on: machine, variables, account)
        default: throw NotUnderstood("the step \(step.name)")
        }
    }

    /// The variables of `[usernamePassword(credentialsId: …, usernameVariable: …, passwordVariable: …)]`.
    private static func credentials(_ tokens: [GroovyToken], _ account: PipelineAccount) throws -> [String: String] {
        var tokens = tokens.filter { $0 != .sign(",") }[...]
        let (head, tail): ([GroovyToken], [GroovyToken]) = (
            [.sign("["), .word("usernamePassword"), .sign("(")], [.sign(")"), .sign("]")]
        )
        guard tokens.starts(with: head), tokens.suffix(2).elementsEqual(tail) else {
            throw NotUnderstood("the credentials \(tokens)")
        }
        tokens = tokens.dropFirst(head.count).dropLast(tail.count)
        var named: [String: String] = [:]
        while let name = tokens.popFirst() {
            guard case .word(let name) = name, tokens.popFirst() == .sign(":"),
                case .text(let text)? = tokens.popFirst()
            else { throw NotUnderstood("the credentials: \(name)") }
            named[name] = text
        }
        let asked = ["credentialsId", "usernameVariable", "passwordVariable"].compactMap { named[$0] }
        guard asked.count == 3, named.count == 3 else { throw NotUnderstood("the credentials \(named)") }
        return [asked[1]: account.user, asked[2]: account.password]
    }

    private static func value(
        of assignment: GroovyStatement,
        _ variables: [String: String],
        _ account: PipelineAccount
    ) throws -> String {
        switch assignment.arguments.last {
        case .text(let text)?: return text == "registry.example.com" ? account.registry : text
        case .template(let text)?:
            var result = text
            for match in text.matches(of: #/\$\{(\w+)\}/#) {
                guard let value = variables[String(match.1)] else { throw NotUnderstood("the variable \(match.0)") }
                result = result.replacing(match.0, with: value)
            }
            return result
        default: throw NotUnderstood("the value of \(assignment.name)")
        }
    }

    private static func isWanted(_ stage: GroovyStatement, _ variables: [String: String]) throws -> Bool {
        try stage.body.filter { $0.name == "when" }.flatMap(\.body).allSatisfy { condition in
            switch (condition.name, condition.arguments.first) {
            case ("buildingTag", nil): variables["TAG_NAME"] != nil
            case ("branch", .text(let name)?): variables["BRANCH_NAME"] == name
            default: throw NotUnderstood("the condition \(condition.name)")
            }
        }
    }
}
