import OCI
import RegistryContract

extension RegistryRules {
    /// Every promise of the history of tags, for registries that keep one.
    public static let tagHistory: [Rule] = [
        Rule("Each move and deletion of a tag is in its history, the newest first") { registry in
            let (first, second) = (try index(1).name, try index(2).name)
            for number in [1, 2, 2, 1] { try await registry.push(index(number), to: app, tags: "prod") }
            try await registry.deleteTag(Tag("prod"), in: app)
            try await registry.push(index(2), to: app, tags: "prod")
            let history = try await registry.history(of: "prod", limit: 100).elements
            // A push of what a tag points to already is no move.
            try demandEqual(history.map(\.version), [5, 4, 3, 2, 1], "the versions")
            try demandEqual(history.map(\.digest), [second, nil, first, second, first], "where the tag pointed")
            try demandEqual(history.map(\.previous), [nil, first, second, first, nil], "where it pointed before")
            let moments = history.map(\.movedAt)
            try demandEqual(moments, moments.sorted().reversed(), "when it was moved")
        },
        Rule("Pages of a history have each move once, and begin before a version whether or not there is one") {
            registry in
            for number in 0..<7 { try await registry.push(index(number), to: app, tags: "prod") }
            for limit in [1, 2, 3, 6, 7, 8] {
                var found: [Int64] = []
                var hasMore = true
                while hasMore {
                    let page = try await registry.history(of: "prod", before: found.last, limit: limit)
                    try demand(page.elements.count <= limit, "a page of \(page.elements.count) for \(limit)")
                    try demand(!page.elements.isEmpty, "an empty page after one that said that more come")
                    found += page.elements.map(\.version)
                    try demand(found.count <= 7, "the pages of \(limit) do not end: \(found)")
                    hasMore = page.hasMore
                }
                try demandEqual(found, [7, 6, 5, 4, 3, 2, 1], "the pages of \(limit)")
            }
            for (version, expected) in [(1, 0), (2, 1), (8, 7), (1000, 7), (.max, 7)] as [(Int64, Int)] {
                let page = try await registry.history(of: "prod", before: version, limit: 10)
                try demandEqual(page.elements.count, expected, "how many are before \(version)")
                try demand(!page.hasMore, "no more come before \(version)")
            }
            let none = try await registry.history(of: "prod", limit: 0)
            try demandEqual([none.elements.isEmpty, none.hasMore], [true, true], "a page of none")
        },
        Rule("The history of a tag stays when it is deleted, alone or with its manifest") { registry in
            try await registry.push(index(1), to: app, tags: "a", "b")
            try await registry.push(index(2), to: app, tags: "c")
            try await registry.deleteTag(Tag("a"), in: app)
            try await registry.deleteManifest(index(1).name, in: app)
            for tag in ["a", "b"] {
                let history = try await registry.history(of: tag, limit: 10).elements
                try demandEqual(history.map(\.digest), [nil, try index(1).name], "where \(tag) pointed")
                try demandEqual(history.first?.previous, try index(1).name, "where \(tag) pointed before")
            }
            try demandEqual(try await registry.history(of: "c", limit: 10).elements.count, 1, "the moves of c")
        },
        Rule("What is refused is in no history, and other repositories have their own") { registry in
            try await registry.push(index(1), to: app, tags: "prod")
            try await registry.push(index(3), to: other, tags: "prod")
            try await demandRefusal(.conditionFailed, "a push whose condition does not hold") {
                let push = index(2).push(tags: [try Tag("prod"), try Tag("new")], if: .absent)
                _ = try await registry.putManifest(push, in: app)
            }
            let history = try await registry.history(of: "prod", limit: 10).elements
            try demandEqual(history.map(\.digest), [try index(1).name], "where the tag pointed")
            try await demandRefusal(.manifestUnknown, "the history of what was refused") {
                _ = try await registry.history(of: "new", limit: 10)
            }
        },
        Rule("Where there never was such a tag, or no such repository, that is said") { registry in
            try await demandRefusal(.nameUnknown, "the history of a tag of nowhere") {
                _ = try await registry.history(of: "prod", limit: 10)
            }
            try await registry.push(index(1), to: app, tags: "1")
            for version in [nil, 1, 5] as [Int64?] {
                try await demandRefusal(.manifestUnknown, "the history of a tag that never was") {
                    _ = try await registry.history(of: "prod", before: version, limit: 10)
                }
            }
        },
    ]
}

extension Registry {
    /// A page of the history of a tag of the repository that most rules push to.
    fileprivate func history(
        of tag: String,
        before version: Int64? = nil,
        limit: Int
    ) async throws -> Page<TagHistoryEntry> {
        try await tagHistory(of: Tag(tag), in: RegistryRules.app, before: version, limit: limit)
    }
}
