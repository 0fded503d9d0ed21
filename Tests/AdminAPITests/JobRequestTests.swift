import AdminModel
import Foundation
import Metadata
import RegistryTesting
import Testing

@testable import AdminAPI

/// Jobs over the API.
@Suite("Requests for jobs")
struct JobRequestTests {
    private static let run = #"{"kind": "\#(TestJobs.plain)"}"#

    @Test("have one done: 202 with the job, and again with the same one")
    func run() async throws {
        let office = try await TestAdministration()
        let answers = [
            try await office.send("POST", "/api/v1/jobs", Self.run),
            try await office.send("POST", "/api/v1/jobs", Self.run),
        ]
        #expect(answers.map(\.status) == [202, 202])
        let made = try answers.map { try JSONDecoder().decode(MadeJob.self, from: Data($0.body)) }
        #expect(made.map(\.isNew) == [true, false])
        #expect(made[0].job == made[1].job)
        let read = try await office.send("GET", "/api/v1/jobs/\(made[0].job.id)")
        #expect(try JSONDecoder().decode(Job.self, from: Data(read.body)) == made[0].job)
        let twice = ("Idempotency-Key", "a-key-of-its-sender-alone")
        _ = try await office.send("POST", "/api/v1/jobs/\(made[0].job.id)/cancel")
        let first = try await office.send("POST", "/api/v1/jobs", Self.run, [twice])
        let second = try await office.send("POST", "/api/v1/jobs", Self.run, [twice])
        #expect(first.body == second.body && first.text.contains(#""isNew":true"#))
    }

    @Test("change one that is there: 200, 404 where there is none, 409 where it has ended")
    func change() async throws {
        let office = try await TestAdministration()
        try await TestJobs.furnish(office.facts)
        for (action, state) in [("pause", "paused"), ("resume", "queued"), ("cancel", "cancelled")] {
            let answer = try await office.send("POST", "/api/v1/jobs/1/\(action)")
            #expect(answer.status == 200)
            #expect(try JSONDecoder().decode(Job.self, from: Data(answer.body)).state == state)
        }
        #expect(try await office.send("POST", "/api/v1/jobs/1/resume").status == 409)
        for path in ["2/cancel", "01/cancel", "%2B1/cancel", "x/cancel", "2/log", "2"] {
            let method = path.hasSuffix("cancel") ? "POST" : "GET"
            #expect(try await office.send(method, "/api/v1/jobs/\(path)").status == 404, "\(path)")
        }
        #expect(try await office.send("GET", "/api/v1/jobs/1/cancel").status == 405)
    }

    @Test(
        "are refused where they cannot be read, or name what there is not",
        arguments: [
            ("GET", "/jobs?state=done", nil, 400), ("GET", "/jobs?after=x", nil, 400),
            ("GET", "/jobs?after=0", nil, 400), ("GET", "/jobs?kind=A", nil, 400), ("GET", "/jobs?before=1", nil, 400),
            ("GET", "/jobs/1/log?after=-1", nil, 400), ("POST", "/jobs", "{}", 400),
            ("POST", "/jobs", #"{"kind": "A b"}"#, 400),
            ("POST", "/jobs", #"{"kind": "tests.plain", "arguments": {"a": 1}}"#, 400),
            ("POST", "/jobs", #"{"kind": "tests.plain", "priority": "high"}"#, 400),
            ("POST", "/jobs", #"{"kind": "tests.none"}"#, 422),
            ("PATCH", "/job-schedules/nightly", #"{"is_paused": true}"#, 400),
            ("PATCH", "/job-schedules/never", #"{"isPaused": true}"#, 404),
        ] as [(String, String, String?, Int)]
    )
    func refused(_ method: String, _ path: String, _ body: String?, _ status: Int) async throws {
        let office = try await TestAdministration()
        try await TestJobs.furnish(office.facts)
        let answer = try await office.send(method, "/api/v1\(path)", body)
        #expect(answer.status == status, "\(answer.text)")
        let jobs = try await office.send("GET", "/api/v1/jobs")
        #expect(try JSONDecoder().decode(Page<Job>.self, from: Data(jobs.body)).items.map(\.id) == [1])
    }

    @Test("list the kinds that there are, with what they take; 409 where the job that does the same is to end")
    func kinds() async throws {
        let office = try await TestAdministration()
        let answer = try await office.send("GET", "/api/v1/job-kinds?limit=10")
        let page = try JSONDecoder().decode(Page<KnownJobKind>.self, from: Data(answer.body))
        #expect(page.items.map(\.name) == [TestJobs.asking, TestJobs.plain] && page.next == nil)
        #expect(page.items.map(\.arguments) == [["to"], []])
        #expect(try await office.send("POST", "/api/v1/job-kinds").status == 405)
        #expect(try await office.send("POST", "/api/v1/jobs", Self.run).status == 202)
        _ = try await office.facts.write {
            try $0.claimJob(kinds: [TestJobs.plain], runner: "here", lease: .seconds(60))
        }
        #expect(try await office.send("POST", "/api/v1/jobs", Self.run).status == 202)
        #expect(try await office.send("POST", "/api/v1/jobs/1/cancel").status == 200)
        let refused = try await office.send("POST", "/api/v1/jobs", Self.run)
        #expect(refused.status == 409 && refused.text.contains("ask again when it has ended"), "\(refused.text)")
    }

    @Test("read what one said from where they were")
    func log() async throws {
        let office = try await TestAdministration()
        try await TestJobs.furnish(office.facts)
        for action in ["pause", "resume", "pause"] {
            _ = try await office.send("POST", "/api/v1/jobs/1/\(action)")
        }
        func page(_ query: String) async throws -> Page<JobLine> {
            let answer = try await office.send("GET", "/api/v1/jobs/1/log?\(query)")
            return try JSONDecoder().decode(Page<JobLine>.self, from: Data(answer.body))
        }
        let all = try await page("limit=1000")
        #expect(all.items.map(\.text) == ["paused", "resumed", "paused"].map { "\($0) by user:admin" })
        #expect(all.next == nil)
        let first = try await page("limit=1")
        #expect(first.items == [all.items[0]] && first.next == "\(all.items[0].number)")
        #expect(try await page("after=\(all.items[0].number)").items == Array(all.items[1...]))
        #expect(try await page("after=\(all.items[2].number)").items == [])
    }
}
