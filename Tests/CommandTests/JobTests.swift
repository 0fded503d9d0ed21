import Foundation
import RegistryTesting
import Testing

/// Jobs by command, at a server that runs them and at one that does not.
@Suite struct JobTests {
    /// What of a job is looked at.
    private struct Job: Decodable {
        var id: Int64
        var kind: String
        var state: String
        var createdBy: String
        var runner: String?
        var outcome: String?
    }

    @Test func `a job is run, waited for, listed and shown`() async throws {
        try await House.run { house in
            // Its schedule puts none meanwhile.
            try await house.output("job", "schedules", "--pause", "jobs.clear")
            func run() async throws -> Job {
                let made = try await house.output("job", "run", "jobs.clear", "--wait", "-o", "json")
                return try JSONDecoder().decode(Job.self, from: Data(made.utf8))
            }
            var job = try await run()
            // It may have put one just before it was paused: that one has ended now.
            if job.createdBy != "local" { job = try await run() }
            #expect((job.kind, job.state, job.createdBy) == ("jobs.clear", "succeeded", "local"))
            #expect(job.runner == nil && job.outcome != nil, "\(job)")

            let list = try await house.output("job", "list", "--kind", "jobs.clear", "-o", "json")
            let listed = try JSONDecoder().decode([Job].self, from: Data(list.utf8))
            #expect(listed.contains { $0.id == job.id && $0.state == "succeeded" })
            #expect(try await house.output("job", "list", "--limit", "1").table.count == 2)
            let shown = try await house.output("job", "show", "\(job.id)")
            #expect(shown.contains("jobs.clear") && shown.contains("succeeded") && shown.contains("attempts:"))
            #expect(try await house.output("job", "show", "\(job.id)", "--format", "createdBy") == "local\n")

            let lines = try await house.output("job", "log", "\(job.id)", "--follow")
            #expect(try await house.output("job", "log", "\(job.id)") == lines)
            #expect(try await house.failure("job", "cancel", "\(job.id)").contains("has ended: its state is succeeded"))
            #expect(try await house.failure("job", "show", "100000", status: 3).contains("There is no job 100000"))
        }
    }

    @Test func `a kind that there is not is refused, with those that there are`() async throws {
        try await House.run { house in
            let sentence = try await house.failure("job", "run", "uploads.sweeep")
            #expect(sentence.contains("There is no kind of job \"uploads.sweeep\"; there are "))
            #expect(sentence.contains("uploads.sweep"))
            for words in [["run", "a", "--argument", "b"], ["run", "a", "--argument", "b=1", "--argument", "b=2"]] {
                let result = try await house.wharf(["job"] + words + ["--data", house.data])
                #expect(result.status == 64, "\(result)")
            }
        }
    }

    @Test func `the kinds are shown that can be run, with what each does`() async throws {
        try await House.run { house in
            let kinds = try await house.output("job", "kinds")
            for name in ["uploads.sweep", "gc.run", "jobs.clear", "credentials.clear"] {
                #expect(kinds.table.contains { $0.first == name }, "\(kinds)")
            }
            let names = try await house.output("job", "kinds", "--format", "name").table.compactMap(\.first)
            #expect(names == names.sorted() && names.count == kinds.table.count - 1)
            #expect(try await house.failure("job", "run", "none").contains(names.joined(separator: ", ")))
        }
    }

    @Test func `who does not manage the installation may not even look`() async throws {
        try await House.run { house in
            let password = try await house.secret("user", "create", "alice")
            for words in [["list"], ["run", "uploads.sweep"], ["schedules"]] {
                let command = ["job"] + words + ["--server", house.server.address, "--user", "alice"]
                let result = try await house.wharf(command, ["WHARF_PASSWORD": password])
                #expect(result.status == 4 && result.standardOutput == "", "\(result)")
            }
        }
    }

    @Test func `a schedule is paused and goes on`() async throws {
        try await House.run { house in
            func state() async throws -> String {
                try await house.output("job", "schedules", "--format", "isPaused")
            }
            // They are made when the server begins to look for work, which is after it is ready.
            let deadline = ContinuousClock.now + .seconds(60)
            while try await state() == "" { try #require(ContinuousClock.now < deadline, "there is no schedule") }
            let before = try await state()
            #expect(!before.contains("true"))
            let name = try #require(try await house.output("job", "schedules", "--format", "name").table.first?.first)
            #expect(try await house.output("job", "schedules", "--pause", name).contains("paused"))
            #expect(try await state().contains("true"))
            #expect(try await !house.output("job", "schedules", "--resume", name).contains("paused"))
            #expect(try await state() == before)
            #expect(try await house.failure("job", "schedules", "--pause", "never", status: 3).contains("never"))
            #expect(try await house.local("job", "schedules", "--pause", "a", "--resume", "a").sentence(64) != "")
        }
    }

    @Test func `a job that waits is paused, resumed and cancelled, and whoever waits for it is told`() async throws {
        let folder = try TemporaryFolder()
        // Nobody runs a job here.
        let server = try await WharfProcess.start(data: folder.path, arguments: ["--jobs-concurrency", "0"])
        func wharf(_ words: String...) async throws -> CommandResult {
            try await WharfProcess.command(["job"] + words + ["--data", folder.path]).run()
        }
        func state(_ id: Int64) async throws -> String {
            try await wharf("show", "\(id)", "--format", "state").standardOutput
        }
        let made = try await wharf("run", "uploads.sweep", "-o", "json")
        let id = try JSONDecoder().decode(Job.self, from: Data(made.standardOutput.utf8)).id
        #expect(try await state(id) == "queued\n")
        #expect(try await wharf("pause", "\(id)").standardError == "The job \(id) is paused.\n")
        #expect(try await state(id) == "paused\n")

        let command = WharfProcess.command(["job", "run", "uploads.sweep", "--wait", "--data", folder.path])
        let waiting = try command.start()
        try await waiting.waitUntil("it says that the job is paused", within: .seconds(30)) {
            waiting.standardError.contains("The job \(id) is paused: `wharf job resume \(id)`")
        }
        #expect(waiting.standardError.contains("The job \(id) does the same already"))
        #expect(try await wharf("resume", "\(id)").standardError == "The job \(id) is queued.\n")
        #expect(try await wharf("cancel", "\(id)").standardError == "The job \(id) is cancelled.\n")
        #expect(try await waiting.exit(within: .seconds(30)) == 1, "\(waiting.standardError)")
        #expect(waiting.standardError.contains("Error: The job \(id) was cancelled"))
        #expect(waiting.standardOutput.contains("cancelled"))
        #expect(try await wharf("resume", "\(id)").sentence().contains("has ended"))
        #expect(await server.stop() == 0)
    }
}
