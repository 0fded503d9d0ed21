import OCI
import RegistryContract

extension RegistryRules {
    static let lists: [Rule] = [
        Rule("Tags come in bytewise order, page by page, each once") { registry in
            let names = ["B", "a", "_x", "A", "a.1", "a-1", "a_1", "1", "10", "2", "Z9", "aa"]
            let ordered = ["1", "10", "2", "A", "B", "Z9", "_x", "a", "a-1", "a.1", "a_1", "aa"]
            _ = try await registry.putManifest(index(1).push(tags: names.map { try Tag($0) }), in: app)
            try demandEqual(try await registry.allTags(in: app), ordered, "the whole list")
            for limit in [1, 2, 5, 11, 12, 13] {
                var found: [String] = []
                var hasMore = true
                while hasMore {
                    let page = try await registry.tags(in: app, after: found.last, limit: limit)
                    try demand(page.elements.count <= limit, "a page of \(page.elements.count) for \(limit)")
                    try demand(!page.elements.isEmpty, "an empty page after one that said that more come")
                    found += page.elements.map(\.description)
                    try demand(found.count <= ordered.count, "the pages of \(limit) do not end: \(found)")
                    hasMore = page.hasMore
                }
                try demandEqual(found, ordered, "the pages of \(limit)")
            }
        },
        Rule("A page begins after a text, whether or not there is such a tag") { registry in
            _ = try await registry.putManifest(index(1).push(tags: ["b", "d", "f"].map { try Tag($0) }), in: app)
            for (last, expected) in [
                ("", "b"), ("a", "b"), ("b", "d"), ("b!", "d"), ("c", "d"), ("é", ""), ("f", ""), ("e", "f"),
            ] {
                let page = try await registry.tags(in: app, after: last, limit: 1)
                try demandEqual(page.elements.map(\.description), expected.isEmpty ? [] : [expected], "after \(last)")
                try demandEqual(page.hasMore, expected == "b" || expected == "d", "whether more come after \(last)")
            }
            try await registry.deleteTag(Tag("d"), in: app)
            let rest = try await registry.tags(in: app, after: "d", limit: 10).elements
            try demandEqual(rest, [try Tag("f")], "the page after a tag that was deleted")
        },
        Rule("A page of none has none, and knows whether there are any") { registry in
            try await registry.push(SampleBlob("x"), to: app)
            let before = try await registry.tags(in: app, after: nil, limit: 0)
            try demandEqual([before.elements.isEmpty, before.hasMore], [true, false], "before there is a tag")
            try await registry.push(index(1), to: app, tags: "1")
            let after = try await registry.tags(in: app, after: nil, limit: 0)
            try demandEqual([after.elements.isEmpty, after.hasMore], [true, true], "when there is one")
        },
        Rule("The tags of an unknown repository are refused") { registry in
            try await demandRefusal(.nameUnknown, "the tags") {
                _ = try await registry.tags(in: app, after: nil, limit: 10)
            }
        },
        Rule("Repositories come in bytewise order, page by page, once something was pushed to them") { registry in
            let names = ["b", "a/b", "a", "a-b", "a.b", "a_b", "a/b/c", "10", "2", "nginx"]
            let ordered = ["10", "2", "a", "a-b", "a.b", "a/b", "a/b/c", "a_b", "b", "nginx"]
            for (number, name) in names.enumerated() {
                let repository = try RepositoryName(name)
                if number % 2 == 0 {
                    try await registry.push(SampleBlob("x"), to: repository)
                } else {
                    try await registry.push(index(1), to: repository, tags: "1")
                }
            }
            for limit in [1, 3, 9, 10, 11] {
                var found: [String] = []
                var hasMore = true
                while hasMore {
                    let page = try await registry.repositories(after: found.last, limit: limit)
                    try demand(page.elements.count <= limit, "a page of \(page.elements.count) for \(limit)")
                    try demand(!page.elements.isEmpty, "an empty page after one that said that more come")
                    found += page.elements.map(\.description)
                    try demand(found.count <= ordered.count, "the pages of \(limit) do not end: \(found)")
                    hasMore = page.hasMore
                }
                try demandEqual(found, ordered, "the pages of \(limit)")
            }
            let rest = try await registry.repositories(after: "a/", limit: 2).elements.map(\.description)
            try demandEqual(rest, ["a/b", "a/b/c"], "the page after what is no name")
        },
        Rule("A repository that has lost all that it had is still known") { registry in
            try await registry.push(index(1), to: app, tags: "1")
            try await registry.deleteManifest(index(1).name, in: app)
            try demandEqual(try await registry.allTags(in: app), [], "the tags")
            try await demandRefusal(.manifestUnknown, "the manifest") {
                _ = try await registry.manifest(.tag(Tag("1")), in: app)
            }
        },
    ]
}
