import Foundation
import RegistryTesting
import Testing

/// Quotas by command, at a server.
@Suite struct QuotaTests {
    @Test func `a quota is set, shown, listed and deleted`() async throws {
        try await House.run { house in
            let set = try await house.output("quota", "set", "team", "--size", "5MiB", "--tags", "3", "--warn", "90")
            #expect(set.contains("project:team") && set.contains("0 of 5242880") && set.contains("0 of 3"))
            try await house.output("quota", "set", "--repository", "team/app", "--size", "1GB")
            try await house.output("quota", "set", "--installation", "--repositories", "7")
            let list = try await house.output("quota", "list").table
            #expect(list.map(\.first) == ["OF", "installation", "project:team", "repository:team/app"])
            let shown = try await house.output("quota", "show", "team", "-o", "json")
            #expect(shown.contains("\"warnPercent\" : 90") && shown.contains("\"isCounted\" : true"))
            #expect(try await house.output("quota", "show", "--installation", "--format", "repositories") == "7\n")
            try await house.output("quota", "delete", "team")
            #expect(try await house.failure("quota", "show", "team", status: 3).contains("There is no quota of"))
        }
    }

    @Test func `it is said whether the trash counts`() async throws {
        try await House.run { house in
            try await house.output("quota", "set", "team", "--size", "5MiB", "--trash", "free")
            try await house.output("quota", "set", "--repository", "team/app")
            #expect(
                try await house.output("quota", "list").table.map { $0.dropLast().last } == [
                    "TRASH", "free", "counted",
                ]
            )
            #expect(try await house.output("quota", "show", "team", "--format", "trash") == "free\n")
            try await house.output("quota", "set", "team", "--size", "6MiB")
            #expect(try await house.output("quota", "show", "team", "--format", "trash") == "counted\n")
            let refusal = try await house.failure("quota", "set", "--installation", "--trash", "free", status: 1)
            #expect(refusal.contains("are on the disks of the installation"), "\(refusal)")
        }
    }

    @Test func `what it is of must be said, once, and a size must be one`() async throws {
        try await House.run { house in
            for words in [
                ["show"], ["show", "team", "--installation"], ["set", "team", "--size", "5 cows"],
                ["set", "team", "--size", "99999999TiB"], ["set", "team", "--trash", "kept"],
            ] {
                let result = try await house.wharf(["quota"] + words + ["--data", house.data])
                #expect(result.status == 64, "\(result)")
            }
        }
    }
}
