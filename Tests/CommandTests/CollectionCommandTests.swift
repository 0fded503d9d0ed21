import Foundation
import RegistryTesting
import Testing

/// The garbage collection by command.
@Suite struct CollectionCommandTests {
    /// What of an answer is looked at.
    private struct Status: Decodable {
        var linkCount: Int
        var blobCount: Int
        var byteCount: Int
        var graceSeconds: Int
    }

    @Test func `what waits is shown, and a survey can be had at any time`() async throws {
        try await House.run { house in
            let answer = try await house.output("gc", "status", "-o", "json")
            let status = try JSONDecoder().decode(Status.self, from: Data(answer.utf8))
            #expect((status.linkCount, status.blobCount, status.byteCount, status.graceSeconds) == (0, 0, 0, 86_400))
            let survey = try await house.output("gc", "run", "--survey")
            #expect(survey.contains("looked at 0 links and blobs"), "\(survey)")
            #expect(try await house.output("gc", "run").contains("gc.run"))
            let table = try await house.output("gc", "status")
            #expect(
                table.contains("0 blobs, 0 B, for 24 h 0 min each") && table.contains("succeeded, job "),
                "\(table)"
            )
            let wrong = try await house.failure("gc", "explain", "sha256:short", status: 64)
            #expect(wrong.contains("sha256:short has 5 digits"), "\(wrong)")
        }
    }

    @Test func `who does not manage the installation may not even look`() async throws {
        try await House.run { house in
            let password = try await house.secret("user", "create", "alice")
            let digest = SampleImage(seed: 1).layer.digest
            for words in [["status"], ["explain", digest], ["run"]] {
                let command = ["gc"] + words + ["--server", house.server.address, "--user", "alice"]
                let result = try await house.wharf(command, ["WHARF_PASSWORD": password])
                #expect(result.status == 4 && result.standardOutput == "", "\(result)")
            }
        }
    }
}
