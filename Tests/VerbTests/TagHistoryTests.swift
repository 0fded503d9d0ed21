import Foundation
import RegistryTesting
import Testing

@Suite("Where a tag pointed, and going back")
struct TagHistoryTests {
    /// A move as the command shows it to programs.
    private struct Move: Decodable {
        var version: Int
        var digest: String?
        var previous: String?
        var movedAt: String
        var movedBy: String?
        var deleted: Bool
    }

    /// A tag `prod` that pointed to two images, one after the other.
    private struct House {
        let party: VerbParty
        let name: String
        let first: String
        let second: String

        init(_ party: VerbParty) async throws {
            self.party = party
            let image = try await party.pushImage()
            let other = "\(party.authority)/team/app:2"
            name = "\(party.authority)/team/app:prod"
            try await party.output("copy", "oci:\(try await VerbParty.layout()):multi", other, "--quiet")
            for image in [image, other] { try await party.output("tag", image, "prod") }
            first = try await Self.digest(image, party)
            second = try await Self.digest(other, party)
        }

        var repository: String { String(name.dropLast(":prod".count)) }
        var present: String { get async throws { try await Self.digest(name, party) } }

        var moves: [Move] {
            get async throws {
                let text = try await party.output("tag", "history", name, "-o", "json")
                return try JSONDecoder().decode([Move].self, from: Data(text.utf8))
            }
        }

        private static func digest(_ image: String, _ party: VerbParty) async throws -> String {
            String(try await party.output("digest", image).dropLast())
        }

        func rollback(_ arguments: String...) async throws -> CommandResult {
            try await party.run(["tag", "rollback", name] + arguments)
        }
    }

    private static func with(_ kind: VerbParty.Kind = .wharf, _ body: (House) async throws -> Void) async throws {
        try await VerbParty.with(kind) { try await body(try await House($0)) }
    }

    @Test("each move is shown, the newest first, with who made it", arguments: [VerbParty.Kind.wharf, .guardedWharf])
    func history(kind: VerbParty.Kind) async throws {
        try await Self.with(kind) { house in
            try await house.party.output("untag", house.name)
            let moves = try await house.moves
            #expect(moves.map(\.version) == [3, 2, 1])
            #expect(moves.map(\.digest) == [nil, house.second, house.first])
            #expect(moves.map(\.previous) == [house.second, house.first, nil])
            #expect(moves.map(\.deleted) == [true, false, false])
            let actor = kind == .guardedWharf ? "user:admin" : "anonymous"
            #expect(moves.allSatisfy { $0.movedBy == actor })
            let lines = try await house.party.lines("tag", "history", house.name, "--limit", "2")
            #expect(lines.map { $0.split(separator: " ").first } == ["VERSION", "3", "2"])
            #expect(lines[1].contains(" deleted ") && lines[1].hasSuffix(" \(actor)"))
            #expect(lines[2].contains(" \(house.second.prefix(19)) "))
            let long = try await house.party.lines("tag", "history", house.name, "--long")
            #expect(long.count == 4 && long[3].contains(house.first))
        }
    }

    @Test("a tag goes back to the image before, and comes back")
    func rollback() async throws {
        try await Self.with { house in
            for _ in 1...2 {
                let look = try await house.rollback("--dry-run", "--format", "digest")
                #expect(look.status == 0 && look.standardOutput == "\(house.first)\n", "\(look)")
            }
            #expect(try await house.present == house.second)
            let back = try await house.rollback()
            #expect(back.status == 0 && back.standardOutput == "\(house.name)@\(house.first)\n", "\(back)")
            #expect(try await house.present == house.first)
            #expect(try await house.rollback("--format", "changed").standardOutput == "true\n")
            #expect(try await house.present == house.second)
            #expect(try await house.moves.map(\.digest) == [house.second, house.first, house.second, house.first])
        }
    }

    @Test("a tag goes back to a version, to a digest or its beginning, and to a time")
    func goals() async throws {
        try await Self.with { house in
            let times = try await house.moves.map(\.movedAt)
            for goal in [
                ["--to", "1"], ["--to", house.first], ["--to", String(house.first.prefix(19))], ["--at", times[1]],
            ] {
                let back = try await house.party.run(["tag", "rollback", house.name] + goal)
                #expect(back.status == 0, "\(goal): \(back)")
                #expect(try await house.present == house.first, "\(goal)")
                // What it points to already is no move.
                let again = try await house.party.run(["tag", "rollback", house.name, "--format", "changed"] + goal)
                #expect(again.standardOutput == "false\n", "\(goal): \(again)")
                try await house.party.output("tag", "\(house.repository):2", "prod")
            }
            #expect(try await house.moves.count == 10)
            let never = try await house.rollback("--to", "77")
            #expect(never.status == 3 && never.standardError.contains("has no version 77"), "\(never)")
            let unknown = try await house.rollback("--to", "sha256:000000000000")
            #expect(unknown.status == 3 && unknown.standardError.contains("not in the history"), "\(unknown)")
            let early = try await house.rollback("--at", "2020-02-29")
            #expect(early.status == 3 && early.standardError.contains("it came first at"), "\(early)")
            for wrong in [["--to", "x"], ["--to", "0"], ["--at", "soon"], ["--to", "1", "--at", "2026-01-01"]] {
                #expect(try await house.party.run(["tag", "rollback", house.name] + wrong).status == 64, "\(wrong)")
            }
            #expect(try await house.present == house.second)
        }
    }

    @Test("a tag that was deleted comes back to where it was")
    func deleted() async throws {
        try await Self.with { house in
            try await house.party.output("untag", house.name)
            let back = try await house.rollback()
            #expect(back.status == 0, "\(back)")
            #expect(try await house.present == house.second)
            #expect(try await house.moves.map(\.digest) == [house.second, nil, house.second, house.first])
            let deletion = try await house.rollback("--to", "3")
            #expect(deletion.status == 1 && deletion.standardError.contains("wharf untag"), "\(deletion)")
        }
    }

    @Test("of an image that is gone, the newest earlier one that is there is named")
    func gone() async throws {
        try await Self.with { house in
            // prod: first, second, first again; then the second is deleted, and nothing is left before the first.
            try await house.party.output("tag", "\(house.repository):1", "prod")
            try await house.party.output("delete", "\(house.repository)@\(house.second)", "--yes")
            let back = try await house.rollback()
            #expect(back.status == 3 && back.standardError.contains("is gone, \(house.second)"), "\(back)")
            #expect(back.standardError.contains("No other earlier one is there"), "\(back)")
            try await house.party.output("untag", house.name)
            let named = try await house.rollback("--to", "2")
            #expect(named.status == 3, "\(named)")
            #expect(named.standardError.contains("`wharf tag rollback \(house.name) --to 1`"), "\(named)")
            #expect(try await house.rollback("--to", "1").status == 0)
            #expect(try await house.present == house.first)
            let then = try await house.moves[3].movedAt
            let look = try await house.party.run(["inspect", house.name, "--at", then])
            #expect(look.status == 3 && look.standardError.contains("is gone: \(house.second)"), "\(look)")
        }
    }

    @Test("who goes back while somebody else moves the tag does nothing")
    func race() async throws {
        try await Self.with { house in
            // The tag is moved once its history was told; and once more after the last look before the push.
            for last in ["GET", "HEAD"] {
                try await house.party.output("tag", "\(house.repository):2", "prod")
                let third = "\(house.repository):third"
                let layout = "oci:\(try await VerbParty.layout()):multi"
                try await house.party.output("copy", layout, third, "--platform", "linux/arm64", "--quiet")
                let proxy = try await ScriptedProxy.start(
                    before: house.party.authority,
                    """
                    class Handler(Passing):
                        told = False
                        moved = False
                        def pass_on(self):
                            answer = self.fetch()
                            if self.path.startswith("/v2/team/app/_wharf/"): Handler.told = True
                            named = "/_wharf/" if "\(last)" == "GET" else "/manifests/prod"
                            if Handler.told and not Handler.moved and self.command == "\(last)" and named in self.path:
                                Handler.moved = True
                                image, text = self.ask("GET", "/v2/team/app/manifests/third")
                                headers = {"Content-Type": image.getheader("Content-Type")}
                                self.ask("PUT", "/v2/team/app/manifests/prod", text, headers)
                            self.give(*answer)
                    """
                )
                let name = "\(proxy.authority)/team/app:prod"
                let back = try await house.party.run(["tag", "rollback", name])
                await proxy.process.stop()
                #expect(back.status == 1 && back.standardOutput == "", "\(last): \(back)")
                #expect(back.standardError.contains("was moved by somebody else meanwhile"), "\(last): \(back)")
                let expected = try await house.party.output("digest", third)
                #expect(try await house.present == expected.dropLast(), "\(last)")
            }
        }
    }

    @Test("an image is looked at as it was at a time")
    func at() async throws {
        try await Self.with { house in
            let times = try await house.moves.map(\.movedAt)
            func digest(at time: String) async throws -> CommandResult {
                try await house.party.run(["digest", house.name, "--at", time])
            }
            #expect(try await digest(at: times[0]).standardOutput == "\(house.second)\n")
            #expect(try await digest(at: times[1]).standardOutput == "\(house.first)\n")
            #expect(try await digest(at: "2999-12-31").standardOutput == "\(house.second)\n")
            for early in ["2020-02-29", "2020-02-29T12:00", "1d", "2020-02-29T12:00:00+01:00"] {
                let result = try await digest(at: early)
                #expect(result.status == 3 && result.standardError.contains("it came first at"), "\(early): \(result)")
            }
            let look = try await house.party.output("inspect", house.name, "--at", times[1], "--format", "digest")
            #expect(look == "\(house.first)\n")
            try await house.party.output("untag", house.name)
            let deleted = try await digest(at: try await house.moves[0].movedAt)
            #expect(deleted.status == 3 && deleted.standardError.contains("was deleted at"), "\(deleted)")
            #expect(try await digest(at: times[0]).standardOutput == "\(house.second)\n")
            #expect(try await digest(at: "2020-02-30").status == 64)
            let fixed = try await house.party.run(["digest", "\(house.repository)@\(house.first)", "--at", times[0]])
            #expect(fixed.status == 1 && fixed.standardError.contains("names a digest"), "\(fixed)")
        }
    }

    @Test("a time without a zone is this machine's, and a day lasts to its end there")
    func zones() async throws {
        try await VerbParty.with(.wharf) { party in
            let image = try await party.pushImage()
            let home = party.folder.path
            // Every zone says at what moment it has looked.
            for (zone, time, moment) in [
                ("Asia/Tokyo", "2020-03-01T12:00", "2020-03-01T03:00:00Z"),
                ("Asia/Tokyo", "2020-03-01", "2020-03-01T14:59:59Z"),
                ("America/New_York", "2020-03-08", "2020-03-09T03:59:59Z"),
                ("America/New_York", "2020-03-08T01:30:15", "2020-03-08T06:30:15Z"),
                ("UTC", "2020-03-01T12:00+05:30", "2020-03-01T06:30:00Z"),
            ] {
                let command = WharfProcess.command(
                    ["digest", image, "--at", time],
                    environment: ["TZ": zone, "HOME": home]
                )
                let result = try await command.run()
                #expect(result.status == 3 && result.standardError.contains(" at \(moment): "), "\(zone): \(result)")
            }
        }
    }

    @Test("an image that is called like a command is tagged by its whole name")
    func names() async throws {
        try await VerbParty.with(.wharf) { party in
            for name in ["history", "add"] {
                let image = try await party.pushImage(to: "\(name):1")
                #expect(try await party.output("tag", image, "2").hasPrefix("\(party.authority)/\(name):2@"))
                #expect(try await party.output("tag", "add", image, "3").hasPrefix("\(party.authority)/\(name):3@"))
            }
        }
    }

    @Test("a registry that keeps no history says so")
    func none() async throws {
        try await VerbParty.with(.distribution) { party in
            let image = try await party.pushImage()
            for arguments in [
                ["tag", "history", image], ["tag", "rollback", image], ["digest", image, "--at", "1h"],
            ] {
                let result = try await party.run(arguments)
                #expect(result.status == 1, "\(result)")
                #expect(result.standardError.contains("keeps no history of tags"), "\(result)")
            }
        }
    }

    @Test("where there never was such a tag, that is said")
    func never() async throws {
        try await VerbParty.with(.wharf) { party in
            _ = try await party.pushImage()
            for name in ["team/app:never", "team/none:1"] {
                let result = try await party.run(["tag", "history", "\(party.authority)/\(name)"])
                #expect(result.status == 3, "\(result)")
            }
        }
    }
}
