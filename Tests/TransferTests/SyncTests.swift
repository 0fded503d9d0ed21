import OCI
import RegistryContract
import RegistryTesting
import Selectors
import Synchronization
import Testing
import Transfer

@Suite("A sync")
struct SyncTests {
    private let source = HookedRegistry(MemoryRegistry())
    private let target = HookedRegistry(MemoryRegistry())

    private static func image(_ name: String) -> Samples.Layered {
        Samples.Layered([SampleBlob("layer of \(name)"), SampleBlob("shared")], name: name)
    }

    private func push(_ registry: any Registry, _ repository: String, _ tags: String...) async throws {
        for tag in tags {
            try await Self.image("\(repository):\(tag)").push(to: registry, RepositoryName(repository), tags: tag)
        }
    }

    private func sync(
        _ rules: SyncRule...,
        tell: @escaping @Sendable (Sync.Event) -> Void = { _ in }
    ) -> Sync {
        Sync(SyncPlan(rules: rules), tell: tell) { [source, target] name, _ in
            switch name {
            case "from.test": source
            case "to.test": target
            default: throw RegistryError(.unavailable, "there is no \(name)")
            }
        }
    }

    private func rule(
        _ repositories: [NamePattern] = [],
        tags: TagSelector = TagSelector(),
        to target: String = "to.test/mirror/{repository}",
        deletes: Bool = false
    ) throws -> SyncRule {
        var options = TransferOptions()
        options.retry.sleep = { _ in }
        return SyncRule(
            source: "from.test",
            repositories: NameSelector(include: repositories),
            tags: tags,
            targets: [try SyncTarget(target)],
            options: options,
            deletes: deletes
        )
    }

    private func include(_ patterns: NamePattern..., newest: TagSelector.Newest? = nil) -> TagSelector {
        TagSelector(names: NameSelector(include: patterns), newest: newest)
    }

    private func copies(_ outline: SyncOutline) -> [String] {
        outline.copies.map { "\($0.source) \($0.target)" }.sorted()
    }

    // MARK: - What is to be done

    @Test func `is planned from the lists of the source, and changes nothing`() async throws {
        try await push(source, "team/app", "1.0.0", "1.1.0")
        try await push(source, "team/web", "2.0.0")
        try await push(source, "other", "1.0.0")
        let outline = try await sync(rule([.glob(Glob("team/**"))])).outline()
        #expect(
            copies(outline) == [
                "from.test/team/app:1.0.0 to.test/mirror/team/app:1.0.0",
                "from.test/team/app:1.1.0 to.test/mirror/team/app:1.1.0",
                "from.test/team/web:2.0.0 to.test/mirror/team/web:2.0.0",
            ]
        )
        #expect(outline.deletions.isEmpty && outline.problems.isEmpty)
        #expect(target.callNames.isEmpty)
    }

    @Test func `needs no list of repositories where they are written out`() async throws {
        try await push(source, "team/app", "1.0.0")
        source.forget()
        let outline = try await sync(rule([.exactly("team/app")], to: "to.test/{name}")).outline()
        #expect(copies(outline) == ["from.test/team/app:1.0.0 to.test/app:1.0.0"])
        #expect(source.callNames == ["tags"])
    }

    @Test func `selects tags by name, by version, and the newest`() async throws {
        try await push(source, "app", "1.2.0", "1.10.0", "1.9.0", "2.0.0", "2.0.0-rc.1", "latest", "1.9.0-alpine")
        func tags(_ selector: TagSelector) async throws -> [String] {
            try await sync(rule([.exactly("app")], tags: selector)).outline().copies.map(\.source.tag.description)
                .sorted()
        }
        #expect(try await tags(include(.semver(VersionRange("^1.2")))) == ["1.10.0", "1.2.0", "1.9.0"])
        #expect(try await tags(include(.regex(Pattern(#"\d+\.\d+\.0"#)), newest: .init(2))) == ["1.10.0", "2.0.0"])
        #expect(try await tags(include(newest: .init(2, by: .name))) == ["2.0.0-rc.1", "latest"])
        #expect(try await tags(include(newest: .init(3))) == ["1.10.0", "2.0.0", "2.0.0-rc.1"])
        var selector = include(.glob(try Glob("1.*")))
        selector.names.exclude = [.regex(try Pattern(".*-alpine"))]
        #expect(try await tags(selector) == ["1.10.0", "1.2.0", "1.9.0"])
    }

    @Test func `says when two sources would be in one place, and keeps the first`() async throws {
        try await push(source, "a/app", "1")
        try await push(source, "b/app", "1", "2")
        let outline = try await sync(rule(to: "to.test/{name}")).outline()
        #expect(copies(outline) == ["from.test/a/app:1 to.test/app:1", "from.test/b/app:2 to.test/app:2"])
        #expect(
            outline.problems.map(\.description) == [
                "to.test/app:1 cannot be had: from.test/a/app:1 and from.test/b/app:1 would both be there"
            ]
        )
    }

    @Test func `leaves alone the tags that stand for referrers`() async throws {
        let digits = String(repeating: "a", count: 64)
        try await push(source, "app", "1", "sha256-\(digits)", "sha256-\(digits).sig", "sha256-short")
        try await push(target, "mirror/app", "sha256-" + digits.replacing("a", with: "b"))
        let outline = try await sync(rule(deletes: true)).outline()
        #expect(outline.copies.map(\.source.tag.description).sorted() == ["1", "sha256-short"])
        #expect(outline.deletions.isEmpty)
    }

    // MARK: - Deleting

    @Test func `deletes what no source has, and only what the rule covers`() async throws {
        try await push(source, "app", "1.0.0", "1.1.0", "2.0.0")
        try await push(target, "mirror/app", "1.0.0", "1.0.5", "0.9.0", "mine")
        let selector = include(.semver(try VersionRange("^1")), newest: .init(1))
        let outline = try await sync(rule([.exactly("app")], tags: selector, deletes: true)).outline()
        #expect(copies(outline) == ["from.test/app:1.1.0 to.test/mirror/app:1.1.0"])
        #expect(outline.deletions.map(\.target.description) == ["to.test/mirror/app:1.0.5"])
        let report = try await sync(rule([.exactly("app")], tags: selector, deletes: true)).run(
            outline,
            keepsGoing: false
        )
        #expect(report.isComplete && report.deletedCount == 1 && report.copiedCount == 1)
        #expect(try await target.allTags(in: RepositoryName("mirror/app")) == ["0.9.0", "1.0.0", "1.1.0", "mine"])
    }

    @Test func `deletes nothing that another rule brings`() async throws {
        try await push(source, "a/app", "1")
        try await push(source, "b/app", "2")
        try await push(target, "app", "1", "2", "3")
        let rules = try ["a/app", "b/app"].map { name in
            try rule([.exactly(name)], to: "to.test/{name}", deletes: true)
        }
        let outline = try await sync(rules[0], rules[1]).outline()
        #expect(outline.deletions.map(\.target.description) == ["to.test/app:3"])
    }

    @Test(arguments: ["tags", "repositories"])
    func `deletes nothing where a list of the source failed`(list: String) async throws {
        try await push(source, "app", "1")
        try await push(source, "web", "1")
        try await push(target, "mirror/app", "1", "old")
        try await push(target, "mirror/web", "1", "old")
        let failing = HookedRegistry(
            source,
            before: { call, _ in
                if call.name == list, list == "repositories" || call.subject == "web" {
                    throw RegistryError(.unavailable, "not now")
                }
            }
        )
        let plan = SyncPlan(rules: [try rule(deletes: true), try rule([.exactly("app")], deletes: false)])
        let sync = Sync(plan) { [target] name, _ in name == "from.test" ? failing : target }
        let outline = try await sync.outline()
        #expect(outline.deletions.isEmpty)
        #expect(outline.problems.count == 1)
        let stopped = try await sync.run(outline, keepsGoing: false)
        #expect(!stopped.isComplete && stopped.untriedCount == outline.copies.count)
        let report = try await sync.run(outline, keepsGoing: true)
        #expect(!report.isComplete && report.unchangedCount + report.copiedCount == outline.copies.count)
    }

    @Test func `deletes nothing that a rule may bring whose source cannot be listed`() async throws {
        try await push(source, "app", "1")
        try await push(target, "app", "1", "2")
        let gone = HookedRegistry(
            MemoryRegistry(),
            before: { call, _ in if call.name == "repositories" { throw RegistryError(.unavailable, "not now") } }
        )
        var other = try rule(to: "to.test/{name}")
        other.source = "other.test"
        let plan = SyncPlan(rules: [try rule([.exactly("app")], to: "to.test/{name}", deletes: true), other])
        let sync = Sync(plan) { [source, target] name, _ in
            switch name {
            case "from.test": source
            case "other.test": gone
            default: target
            }
        }
        let outline = try await sync.outline()
        #expect(outline.deletions.isEmpty && outline.problems.count == 1 && outline.copies.count == 1)
    }

    @Test func `deletes nothing where the source has no tags any more, or is gone`() async throws {
        try await push(source, "app", "1")
        try await source.deleteTag(Tag("1"), in: RepositoryName("app"))
        try await push(target, "mirror/app", "old")
        try await push(target, "mirror/gone", "old")
        let outline = try await sync(rule([.exactly("app"), .exactly("gone")], deletes: true)).outline()
        #expect(outline.deletions.isEmpty)
    }

    @Test func `deletes nothing in a repository of which a copy failed`() async throws {
        try await push(source, "app", "1", "2")
        try await push(target, "mirror/app", "old")
        let failing = HookedRegistry(
            source,
            before: { call, _ in if call.description == "descriptor 2" { throw RegistryError(.denied, "no") } }
        )
        let sync = Sync(SyncPlan(rules: [try rule(deletes: true)])) { [target] name, _ in
            name == "from.test" ? failing : target
        }
        let outline = try await sync.outline()
        #expect(outline.deletions.count == 1)
        let report = try await sync.run(outline, keepsGoing: true)
        #expect(report.copiedCount == 1 && report.deletedCount == 0 && report.untriedCount == 1)
        #expect(report.failures.map(\.target.description) == ["to.test/mirror/app:2"])
        #expect(
            report.failures.first?.description
                == "copying from.test/app:2 failed when reading manifest 2 from from.test/app: no"
        )
    }

    // MARK: - Doing it

    @Test func `copies all, and the second time nothing`() async throws {
        for number in 0..<12 { try await push(source, "app\(number % 3)", "v\(number)") }
        let events = Mutex<[String: Int]>([:])
        let sync = try sync(rule()) { event in
            let name =
                switch event {
                case .began: "began"
                case .copied: "copied"
                case .deleted: "deleted"
                case .failed: "failed"
                }
            events.withLock { $0[name, default: 0] += 1 }
        }
        let report = try await sync.run(sync.outline(), keepsGoing: false)
        #expect(report.isComplete && report.copiedCount == 12 && report.unchangedCount == 0)
        #expect(events.withLock { $0 } == ["began": 12, "copied": 12])
        for number in 0..<12 {
            let image = Self.image("app\(number % 3):v\(number)")
            try await image.demandWhole(target, as: "v\(number)", in: RepositoryName("mirror/app\(number % 3)"))
        }
        let second = try await sync.run(sync.outline(), keepsGoing: false)
        #expect(
            second.isComplete && second.copiedCount == 0 && second.unchangedCount == 12 && second.sentByteCount == 0
        )
    }

    @Test func `stops at the first failure unless it is to go on`() async throws {
        for number in 0..<30 { try await push(source, "app", "v\(number)") }
        let failing = HookedRegistry(
            source,
            before: { call, _ in if call.description == "descriptor v1" { throw RegistryError(.denied, "no") } }
        )
        let sync = Sync(SyncPlan(rules: [try rule()])) { [target] name, _ in name == "from.test" ? failing : target }
        let stopped = try await sync.run(sync.outline(), keepsGoing: false)
        #expect(stopped.failures.count == 1 && stopped.untriedCount > 0 && !stopped.isComplete)
        let report = try await sync.run(sync.outline(), keepsGoing: true)
        #expect(report.failures.count == 1 && report.untriedCount == 0)
        #expect(report.copiedCount + report.unchangedCount == 29)
    }

    @Test(
        "A target has a registry, a path, and known placeholders",
        arguments: [
            ("mirror.test", .incomplete), ("/a", .incomplete), ("mirror.test/", .incomplete),
            ("mirror.test/{tag}", .placeholder("tag")), ("mirror.test/{name", .placeholder("name")),
            ("mirror.test/A", .path(.component("A"))),
        ] as [(String, SyncTarget.ParseError)]
    )
    func targets(text: String, reason: SyncTarget.ParseError) {
        #expect(throws: reason) { try SyncTarget(text) }
    }
}
