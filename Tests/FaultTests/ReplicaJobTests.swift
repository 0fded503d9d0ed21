import Foundation
import RegistryTesting
import Testing

/// Work that lasts, at two servers over one PostgreSQL and one bucket.
@Suite("Jobs of replicas", .serialized)
struct ReplicaJobTests {
    /// What of a job is looked at.
    private struct Job: Decodable {
        var id: Int64
        var state: String
        var attempts: Int
        var done: Int64
        var runner: String?
        var outcome: String?
    }

    private static let blobCount = 400
    private static let blobSize = 40_000

    @Test("One whose server is killed goes on at the other from its checkpoint", .timeLimit(.minutes(10)))
    func killed() async throws {
        let folder = try TemporaryFolder()
        // As slow as it goes: some sixteen seconds for all that is stored.
        let replicas = try await ReplicaSet.start(
            in: folder.path,
            count: 2,
            environment: ["WHARF_SCRUB_RATE_MAX": "1MiB"]
        )
        do {
            try await Self.demandGoingOn(replicas, in: folder.path)
        } catch {
            print(replicas.log)
            await replicas.stop()
            throw error
        }
        #expect(await replicas.stop(), "a replica did not end in order")
    }

    /// Whether a job is run by a server, whose process stands in its name: `HOST:PID-NUMBER`.
    private static func isRun(_ job: Job, by server: WharfProcess?) -> Bool {
        guard let server, let name = job.runner?.split(separator: ":").last else { return false }
        return name.hasPrefix("\(server.process.pid)-")
    }

    private static func demandGoingOn(_ replicas: ReplicaSet, in folder: String) async throws {
        let client = try ServerClient(authority: replicas.authority, timeout: .seconds(60))
        for number in 0..<blobCount {
            try await client.push(SampleBlob(count: blobSize, seed: 20_000 + UInt64(number)), to: "team/app")
        }
        /// Asks one of those that run; the socket in its folder is open to who owns it.
        func ask(_ words: String...) async throws -> Job {
            let number = try #require((0..<replicas.count).first { replicas[$0] != nil })
            let place = ["--data", "\(folder)/\(number + 1)", "-o", "json"]
            let said = try await WharfProcess.command(["job"] + words + place).output()
            return try JSONDecoder().decode(Job.self, from: Data(said.utf8))
        }
        // What the schedule put at the start reads by itself what is due: nothing yet.
        let id = "\(try await ask("run", "storage.scrub", "--argument", "all=true").id)"
        var job = try await ask("show", id)
        try await eventually("the first part is noted down", within: .seconds(120)) {
            job = try await ask("show", id)
            return job.done > 0
        }
        let total = Int64(blobCount * blobSize)
        try #require(job.state == "running" && job.done <= total / 4 * 3, "\(job)")
        let before = job
        let killed = try #require((0..<replicas.count).first { isRun(before, by: replicas[$0]) }, "\(before)")
        await replicas.killReplica(killed)
        try await eventually("the other has it", within: .seconds(120)) {
            job = try await ask("show", id)
            return job.attempts == 2 || job.state != "running"
        }
        #expect(isRun(job, by: replicas[1 - killed]) && job.done >= before.done, "\(job)")
        try await eventually("it ends", within: .seconds(120)) {
            job = try await ask("show", id)
            return job.state != "running"
        }
        #expect(job.state == "succeeded" && job.attempts == 2, "\(job)")
        // From its beginning it would pass over what was read before, and not count it.
        #expect(job.done > total - before.done / 2, "\(job.done) of \(total), \(before.done) of them before")
        try await replicas.startReplica(killed)
    }
}
