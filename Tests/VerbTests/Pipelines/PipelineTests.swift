import Documents
import Foundation
import RegistryTesting
import Testing

@Suite("Pipelines of the documentation, run as they stand")
struct PipelineTests {
    @Test(
        "a pipeline builds, promotes the same digest, cleans up, and a second run changes nothing",
        arguments: PipelineSystem.allCases,
        PipelineParty.kinds
    )
    func whole(system: PipelineSystem, kind: VerbParty.Kind) async throws {
        try await PipelineParty.with(kind) { try await Self.runTwice(system, at: $0) }
    }

    /// A function of its own: the compiler cannot take it as a closure.
    private static func runTwice(_ system: PipelineSystem, at registry: PipelineParty) async throws {
        let machine = try await BuildMachine()
        let (account, commit) = (registry.account, machine.commit)
        var text = try await output(of: system, on: machine, .branch, as: account)
        let candidates = try await registry.tags("team/app/ci")
        let made = try #require(candidates.first { commit.hasPrefix($0.prefix(8)) })
        let digest = try #require(made.split(separator: " ").last)
        let before = candidates.filter { $0 != made }.map { String($0.prefix(8)) }
        #expect(before == (3...PipelineParty.seededCount).map { "before-\($0)" })
        #expect(try await registry.tags("team/app").isEmpty)
        text += try await output(of: system, on: machine, .tag("1.4.2"), as: account)
        let releases = ["1.4.2 \(digest)"]
        #expect(try await registry.tags("team/app") == releases)
        for event in [BuildMachine.Event.branch, .tag("1.4.2")] {
            text += try await output(of: system, on: machine, event, as: account)
        }
        #expect(try await registry.tags("team/app/ci") == candidates)
        #expect(try await registry.tags("team/app") == releases)
        #expect(!text.contains(account.password))
        try await machine.expectHidden(account.password, of: account.user)
    }

    /// Runs a pipeline that is to succeed; all that it said.
    private static func output(
        of system: PipelineSystem,
        on machine: BuildMachine,
        _ event: BuildMachine.Event,
        as account: PipelineAccount
    ) async throws -> String {
        let run = try await system.run(on: machine, event, as: account)
        try #require(run.status == 0, "\(run.text)")
        return run.text
    }

    @Test(
        "a wrong password ends a pipeline at the login, with a sentence and exit code 4",
        arguments: PipelineSystem.allCases,
        PipelineParty.kinds
    )
    func wrongPassword(system: PipelineSystem, kind: VerbParty.Kind) async throws {
        try await PipelineParty.with(kind) { registry in
            let machine = try await BuildMachine()
            let (before, stranger) = (try await registry.tags("team/app/ci"), registry.stranger)
            let run = try await system.run(on: machine, .tag("1.4.2"), as: stranger)
            #expect(run.status == 4)
            #expect(run.text.contains("does not take this password of \(stranger.user)"))
            #expect(!run.text.contains(stranger.password))
            #expect(try machine.calls.map { $0.prefix { $0 != " " } } == ["login", "logout"])
            #expect(try await registry.tags("team/app/ci") == before)
            try await machine.expectHidden(stranger.password, of: stranger.user)
        }
    }

    @Test("the account of the page neither moves nor deletes a release")
    func leastRole() async throws {
        try await PipelineParty.with(.guardedWharf) { registry in
            let machine = try await BuildMachine()
            let run = try await PipelineSystem.gitlab.run(on: machine, .tag("1.4.2"), as: registry.account)
            try #require(run.status == 0, "\(run.text)")
            let releases = try await registry.tags("team/app")
            let account = registry.account
            let variables = ["PASSWORD": account.password, "DOCKER_CONFIG": "\(machine.path)/docker"]
            let line =
                "printf %s \"$PASSWORD\" | wharf login \(account.registry) --user \(account.user) --password-stdin"
            let login = try await machine.run(["sh", "-c", line], variables)
            try #require(login.status == 0, "\(login)")
            for command in [
                ["delete", "\(account.image):1.4.2", "--yes"], ["untag", "\(account.image):1.4.2"],
                ["promote", "\(account.image)/ci:before-6", "\(account.image):1.4.2"],
            ] {
                let result = try await machine.run(["wharf"] + command, variables)
                #expect(result.status == 4, "\(command): \(result)")
            }
            #expect(try await registry.tags("team/app") == releases)
        }
    }

    @Test("the workflow for GitHub asks for nothing but to read")
    func permissions() throws {
        let path = PipelineSystem.path("pipelines/github-workflow.yml")
        let workflow = try GitHubWorkflow(String(contentsOfFile: path, encoding: .utf8))
        #expect(workflow.root["permissions"] == .object([.init("contents", .string("read"))]))
    }

    @Test(
        "what is not known in a file is refused, and not passed over",
        arguments: [
            (PipelineSystem.gitlab, "only: [main]"), (.github, "container: debian"), (.jenkins, "tools { maven 'm' }"),
        ]
    )
    func unknown(system: PipelineSystem, part: String) throws {
        let error = #expect(throws: NotUnderstood.self) {
            switch system {
            case .gitlab: _ = try GitLabPipeline("build: {\(part)}")
            case .github: _ = try GitHubWorkflow("jobs: {a: {steps: [], \(part)}}")
            case .jenkins: _ = try JenkinsPipeline("pipeline {\n\(part)\n}")
            }
        }
        let name = part.prefix { $0.isLetter }
        #expect(error?.description.contains(name) == true)
    }
}
