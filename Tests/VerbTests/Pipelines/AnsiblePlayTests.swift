import Foundation
import RegistryTesting
import Testing

@Suite("The play of the documentation, run by Ansible")
struct AnsiblePlayTests {
    @Test("a play changes what is not as it should be, and says so beforehand", arguments: PipelineParty.kinds)
    func whole(kind: VerbParty.Kind) async throws {
        try await PipelineParty.with(kind) { registry in
            let play = try await AnsiblePlay(account: registry.account)
            let before = try await registry.tags("team/app/ci")
            let looked = try await play.run(["--check"])
            #expect(looked.status == 0 && looked.changed == 1, "\(looked.text)")
            #expect(try await registry.tags("team/app/ci") == before)
            let first = try await play.run()
            #expect(first.status == 0 && first.changed == 3, "\(first.text)")
            let candidates = try await registry.tags("team/app/ci")
            #expect(candidates.map { $0.prefix { $0 != " " } } == ["1.4.2"] + (3...6).map { "before-\($0)" })
            let releases = try await registry.tags("team/app")
            #expect(releases.count == 1 && releases == candidates.filter { $0.hasPrefix("1.4.2 ") })
            let second = try await play.run()
            #expect(second.status == 0 && second.changed == 0, "\(second.text)")
            let again = try await play.run(["--check"])
            #expect(again.status == 0 && again.changed == 0, "\(again.text)")
            // The release and one candidate are missed in check mode, too.
            let next = ["--extra-vars", "{\"version\": \"1.4.2\", \"image\": \"\(registry.account.image)/next\"}"]
            let missed = try await play.run(
                next + ["--extra-vars", "keep=4 candidates=\(registry.account.image)/ci", "--check"]
            )
            #expect(missed.status == 0 && missed.changed == 2, "\(missed.text)")
            #expect(try await registry.tags("team/app/ci") == candidates)
            try await play.machine.expectHidden(registry.account.password, of: registry.account.user)
        }
    }

    @Test("a wrong password ends a play at the login, and is said in a sentence", arguments: PipelineParty.kinds)
    func wrongPassword(kind: VerbParty.Kind) async throws {
        try await PipelineParty.with(kind) { registry in
            let (before, stranger) = (try await registry.tags("team/app/ci"), registry.stranger)
            let play = try await AnsiblePlay(account: stranger)
            let run = try await play.run()
            #expect(run.status == 2)
            #expect(run.text.contains("does not take this password of \(stranger.user)"))
            #expect(try play.machine.calls.map { $0.prefix { $0 != " " } } == ["build", "login"])
            #expect(try await registry.tags("team/app/ci") == before)
            try await play.machine.expectHidden(stranger.password, of: stranger.user)
        }
    }
}

/// The play, its secret in a vault, and what it runs on.
private struct AnsiblePlay {
    /// What came of a run.
    struct Run {
        var status: Int32
        var text: String
        /// How many tasks changed something, as Ansible counts.
        var changed: Int?
    }

    let machine: BuildMachine
    private let account: PipelineAccount
    private let programs = URL(filePath: #filePath).appending(path: "../../../../.build-parties/ansible/bin")
        .standardized.path

    init(account: PipelineAccount) async throws {
        self.account = account
        machine = try await BuildMachine()
        try #require(
            FileManager.default.isExecutableFile(atPath: "\(programs)/ansible-playbook"),
            "Ansible is not here. Install it with: Scripts/install-test-parties test"
        )
        let play = try String(contentsOfFile: PipelineSystem.path("pipelines/ansible-playbook.yml"), encoding: .utf8)
        try play.write(toFile: "\(machine.checkout)/release.yml", atomically: true, encoding: .utf8)
        let build = ["build", "site:/srv/www", "--created", machine.commitTime, "--to", "oci-archive:app.tar"]
        let built = try await machine.run(["wharf"] + build, [:])
        try #require(built.status == 0, "\(built)")
        try "open\n".write(toFile: "\(machine.path)/vault-password", atomically: true, encoding: .utf8)
        let line =
            "printf 'registry_password: %s\\n' \"$SECRET\" | \(programs)/ansible-vault encrypt"
            + " --vault-password-file '\(machine.path)/vault-password' --output secrets.yml"
        let vault = try await machine.run(["sh", "-c", line], ["SECRET": account.password])
        try #require(vault.status == 0, "\(vault)")
    }

    func run(_ options: [String] = []) async throws -> Run {
        let account = ["registry=\(account.registry)", "registry_user=\(account.user)"].joined(separator: " ")
        let arguments = [
            "\(programs)/ansible-playbook", "release.yml", "--extra-vars", "@secrets.yml", "--vault-password-file",
            "\(machine.path)/vault-password", "--extra-vars", account, "-vv",
        ]
        let home = ["ANSIBLE_HOME": "\(machine.path)/ansible", "TMPDIR": "\(machine.path)/temporary"]
        let result = try await machine.run(arguments + options, home, limit: .seconds(120))
        let text = result.standardOutput + result.standardError
        #expect(!text.contains(self.account.password))
        let changed = text.firstMatch(of: #/localhost +: ok=\d+ +changed=(\d+) /#).flatMap { Int($0.1) }
        return Run(status: result.status, text: text, changed: changed)
    }
}
