import OCI
import RegistryContract

extension RegistryRules {
    static let tags: [Rule] = [
        Rule("A tag that moves is seen where it went by the very next reader, and the old manifest stays") { registry in
            let (first, second) = (index(1), index(2))
            try await registry.push(first, to: app, tags: "latest")
            for manifest in [second, first, second] {
                try await registry.push(manifest, to: app, tags: "latest")
                try await registry.demandWhole(manifest, as: "latest", in: app)
            }
            try await registry.demandWhole(first, as: first.digest, in: app)
        },
        Rule("Deleting a tag leaves its siblings and the manifest") { registry in
            let manifest = index(1)
            try await registry.push(manifest, to: app, tags: "a", "b", "c")
            for tag in ["a", "b", "c"] { try await registry.demandWhole(manifest, as: tag, in: app) }
            try await registry.deleteTag(Tag("b"), in: app)
            try await demandRefusal(.manifestUnknown, "the deleted tag") {
                _ = try await registry.manifest(.tag(Tag("b")), in: app)
            }
            try demandEqual(try await registry.allTags(in: app), ["a", "c"], "the tags")
            for tag in ["a", "c", manifest.digest] { try await registry.demandWhole(manifest, as: tag, in: app) }
            for tag in ["a", "c"] { try await registry.deleteTag(Tag(tag), in: app) }
            try await registry.demandWhole(manifest, as: manifest.digest, in: app)
            try demandEqual(try await registry.allTags(in: app), [], "the tags at the end")
        },
        Rule("Deleting a tag that is not there says what is not there") { registry in
            let tag = try Tag("a")
            try await demandRefusal(.nameUnknown, "a tag of nowhere") { try await registry.deleteTag(tag, in: app) }
            try await registry.push(index(1), to: app, tags: "b")
            for _ in 0..<2 {
                try await demandRefusal(.manifestUnknown, "an absent tag") {
                    try await registry.deleteTag(tag, in: app)
                }
            }
        },
        Rule("The same tag in two repositories is two tags") { registry in
            try await registry.push(index(1), to: app, tags: "1")
            try await registry.push(index(2), to: other, tags: "1")
            try await registry.demandWhole(index(1), as: "1", in: app)
            try await registry.deleteTag(Tag("1"), in: app)
            try await registry.demandWhole(index(2), as: "1", in: other)
        },
        Rule("One push moves all its tags") { registry in
            let names = (0..<ManifestPush.tagCountMax).map { "t\($0)" }
            let push = index(1).push(tags: try names.map { try Tag($0) })
            _ = try await registry.putManifest(push, in: app)
            try demandEqual(try await registry.allTags(in: app), names.sorted(), "the tags")
        },
        Rule("A condition on a tag holds at the moment of the push, or nothing happens") { registry in
            let (first, second, third) = (index(1), index(2), index(3))
            let tag = try Tag("1")
            try await demandConditionFailed(first.push(tags: [tag], if: .pointsTo(first.name)), registry)
            _ = try await registry.putManifest(first.push(tags: [tag], if: .absent), in: app)
            try await demandConditionFailed(second.push(tags: [tag], if: .absent), registry)
            try await demandConditionFailed(second.push(tags: [tag], if: .pointsTo(second.name)), registry)
            try await registry.demandWhole(first, as: "1", in: app)
            try await demandRefusal(.manifestUnknown, "what was refused") {
                _ = try await registry.manifest(.digest(second.name), in: app)
            }
            _ = try await registry.putManifest(second.push(tags: [tag], if: .pointsTo(first.name)), in: app)
            try await registry.demandWhole(second, as: "1", in: app)
            try await registry.deleteTag(tag, in: app)
            try await demandConditionFailed(third.push(tags: [tag], if: .pointsTo(second.name)), registry)
            _ = try await registry.putManifest(third.push(tags: [tag], if: .absent), in: app)
            try await registry.demandWhole(third, as: "1", in: app)
        },
        Rule("A condition may name several manifests, those that are not meant, and that the tag exists") { registry in
            let tag = try Tag("1")
            let (first, second) = (try index(1).name, try index(2).name)
            try await demandConditionFailed(index(1).push(tags: [tag], if: .present), registry)
            _ = try await registry.putManifest(index(1).push(tags: [tag], if: .noneOf([first, second])), in: app)
            for condition in [TagCondition.noneOf([first]), .noneOf([second, first]), .oneOf([second]), .oneOf([])] {
                try await demandConditionFailed(index(2).push(tags: [tag], if: condition), registry)
            }
            _ = try await registry.putManifest(index(2).push(tags: [tag], if: .oneOf([second, first])), in: app)
            _ = try await registry.putManifest(index(1).push(tags: [tag], if: .present), in: app)
            try await registry.demandWhole(index(1), as: "1", in: app)
        },
        Rule("A condition on a tag holds at the moment of its deletion, or it stays") { registry in
            let tag = try Tag("1")
            try await registry.push(index(1), to: app, tags: "1")
            for condition in [try TagCondition.pointsTo(index(2).name), .absent] {
                try await demandRefusal(.conditionFailed, "a deletion whose condition does not hold") {
                    try await registry.deleteTag(tag, if: condition, in: app)
                }
                try await registry.demandWhole(index(1), as: "1", in: app)
            }
            try await registry.deleteTag(tag, if: .pointsTo(index(1).name), in: app)
            try await demandRefusal(.conditionFailed, "the deletion of what is gone") {
                try await registry.deleteTag(tag, if: .present, in: app)
            }
        },
        Rule("A condition that one of several tags does not keep lets none of them move") { registry in
            try await registry.push(index(1), to: app, tags: "b")
            let push = index(2).push(tags: [try Tag("a"), try Tag("b"), try Tag("c")], if: .absent)
            try await demandConditionFailed(push, registry)
            try demandEqual(try await registry.allTags(in: app), ["b"], "the tags")
            try await registry.demandWhole(index(1), as: "b", in: app)
        },
        Rule("Of many who want a tag that is absent, one gets it") { registry in
            let tag = try Tag("mine")
            let winners = try await withThrowingTaskGroup(of: Int?.self) { group in
                for number in 0..<16 {
                    group.addTask {
                        do {
                            let push = index(number).push(tags: [tag], if: .absent)
                            _ = try await registry.putManifest(push, in: app)
                            return number
                        } catch let error as RegistryError where error.code == .conditionFailed {
                            return nil
                        }
                    }
                }
                var winners: [Int] = []
                for try await number in group { if let number { winners.append(number) } }
                return winners
            }
            try demandEqual(winners.count, 1, "how many got the tag")
            for winner in winners { try await registry.demandWhole(index(winner), as: "mine", in: app) }
        },
    ]

    /// A manifest that names nothing, a different one for each number.
    public static func index(_ number: Int) -> SampleManifest {
        .index(of: [], extra: #","annotations":{"number":"\#(number)"}"#)
    }

    private static func demandConditionFailed(_ push: ManifestPush, _ registry: any Registry) async throws {
        try await demandRefusal(.conditionFailed, "a push whose condition does not hold") {
            _ = try await registry.putManifest(push, in: app)
        }
    }
}
