import Foundation
import RegistryTesting
import Testing

/// What is said of where a tag pointed longer ago than is kept.
///
/// The moves are made older in the database of the server, which is a file then.
@Suite(.enabled(if: TestDatabase.current == .sqlite, "moves are made older in a file"))
struct ForgottenHistoryTests {
    /// Makes all moves older by so many days.
    private static func age(_ party: VerbParty, days: Int) async throws {
        let text = """
            import sqlite3, sys
            base = sqlite3.connect(sys.argv[1], timeout=20)
            base.execute("UPDATE tag_event SET moved_at = moved_at - ?", (int(sys.argv[2]) * 86400 * 1000000,))
            base.commit()
            """
        try await Command("python3", ["-c", text, "\(party.folder.path)/data/wharf.sqlite", "\(days)"]).output()
    }

    /// Has the history cleared by the job that does it.
    private static func clear(_ party: VerbParty) async throws -> String {
        try await party.output(
            "job",
            "run",
            "tags.clear",
            "--wait",
            "--format",
            "outcome",
            "--data",
            "\(party.folder.path)/data"
        )
    }

    @Test func `a time before what is kept is said to be forgotten, and what is kept is shown`() async throws {
        try await VerbParty.with(.wharf) { party in
            let (image, name) = (try await party.pushImage(), "\(party.authority)/team/app:prod")
            let other = "\(party.authority)/team/app:2"
            try await party.output("copy", "oci:\(try await VerbParty.layout()):multi", other, "--quiet")
            for image in [image, other] { try await party.output("tag", image, "prod") }
            try await party.output("tag", image, "gone")
            try await party.output("untag", "\(party.authority)/team/app:gone")
            #expect(try await Self.clear(party).contains("and 0 moves"))
            try await Self.age(party, days: 400)
            // One move of prod, and the two of gone.
            #expect(try await Self.clear(party).contains("and 3 moves"))

            let lines = try await party.lines("tag", "history", name)
            #expect(lines.count == 2 && lines[1].hasPrefix("2 "), "\(lines)")
            #expect(try await party.output("tag", "history", name, "-o", "json").contains("forgottenBefore"))
            let present = try await party.output("digest", name)
            #expect(try await party.output("digest", name, "--at", "390d") == present)
            for arguments in [["digest", name, "--at", "410d"], ["tag", "rollback", name, "--at", "410d"]] {
                let early = try await party.run(arguments)
                #expect(early.status == 3 && early.standardOutput == "", "\(early)")
                #expect(early.standardError.contains(" is forgotten: its history goes back to "), "\(early)")
            }
            let back = try await party.run(["tag", "rollback", name])
            #expect(back.status == 3 && back.standardError.contains(" is forgotten."), "\(back)")

            let gone = try await party.run(["digest", "\(party.authority)/team/app:gone", "--at", "410d"])
            #expect(gone.status == 3 && gone.standardError.contains("what was before that is forgotten"), "\(gone)")
            // Made anew, it is a tag that was there before, and of which nobody knows where it pointed.
            try await party.output("tag", image, "gone")
            let anew = try await party.run(["digest", "\(party.authority)/team/app:gone", "--at", "410d"])
            #expect(anew.status == 3 && anew.standardError.contains(" is forgotten: its history"), "\(anew)")
            let between = try await party.run(["digest", "\(party.authority)/team/app:gone", "--at", "390d"])
            #expect(between.status == 3 && between.standardError.contains("it came first at"), "\(between)")
        }
    }

    @Test func `less than an hour is refused`() async throws {
        let folder = try TemporaryFolder()
        let command = WharfProcess.command(["serve", "--data", "\(folder.path)/data", "--tags-history-keep", "0s"])
        let result = try await command.run()
        #expect(result.status != 0 && result.standardError.contains("tags.history-keep is \"0s\""), "\(result)")
    }
}
