import OCI
import RegistryContract
import Selectors

/// Finds out what a plan means now: asks for lists, changes nothing.
struct SyncPlanner: Sendable {
    /// The most names that are taken from a list.
    static let nameCountMax = 1_000_000
    /// The most pages that are asked for, however little is on each.
    private static let pageCountMax = 10_000
    private static let pageCount = 1000

    /// A repository of a source, and what it becomes at a target.
    private struct Route: Hashable {
        var rule: Int
        var source: RepositoryName
        var target: RepositoryName
        var registry: String
    }

    /// A repository of a target.
    private struct Home: Hashable {
        var registry: String
        var repository: RepositoryName
    }

    let plan: SyncPlan
    let registry: Sync.Registries

    /// Finds it out.
    func outline() async throws -> SyncOutline {
        var outline = SyncOutline()
        var routes: [(route: Route, tags: [Tag]?)] = []
        // Where nobody knows what a rule would bring, nothing is taken away.
        var unsure: Set<String> = []
        for (number, rule) in plan.rules.enumerated() {
            let repositories = try await repositories(of: rule, number, &outline)
            if repositories == nil { unsure.formUnion(rule.targets.map(\.registry)) }
            for repository in repositories ?? [] {
                let tags = try await tags(of: repository, in: rule.source, number, &outline)
                for target in rule.targets {
                    guard let name = place(repository, target, number, &outline) else { continue }
                    let route = Route(rule: number, source: repository, target: name, registry: target.registry)
                    routes.append((route, tags))
                }
            }
        }
        addCopies(routes, to: &outline)
        try await addDeletions(routes.filter { !unsure.contains($0.route.registry) }, to: &outline)
        return outline
    }

    // MARK: Lists

    private func repositories(
        of rule: SyncRule,
        _ number: Int,
        _ outline: inout SyncOutline
    ) async throws -> [RepositoryName]? {
        try await attempt("the repositories of \(rule.source)", number, &outline) {
            if let names = rule.repositories.names { return try names.map { try RepositoryName($0) } }
            let registry = try await registry(rule.source, nil)
            let all = try await Self.all { last in
                try await registry.repositories(after: last, limit: Self.pageCount)
            }
            return all.filter { rule.repositories.matches($0.description) }
        }
    }

    private func tags(
        of repository: RepositoryName,
        in source: String,
        _ number: Int,
        _ outline: inout SyncOutline
    ) async throws -> [Tag]? {
        try await attempt("the tags of \(source)/\(repository)", number, &outline) {
            let registry = try await registry(source, repository)
            return try await Self.all { last in
                try await registry.tags(in: repository, after: last, limit: Self.pageCount)
            }
        }
    }

    private func place(
        _ repository: RepositoryName,
        _ target: SyncTarget,
        _ number: Int,
        _ outline: inout SyncOutline
    ) -> RepositoryName? {
        do {
            return try target.repository(for: repository)
        } catch {
            let subject = "the target \(target.registry)/\(target.path) for \(repository)"
            outline.problems.append(.init(rule: number, subject: subject, underlying: error))
            return nil
        }
    }

    private func attempt<Answer>(
        _ subject: String,
        _ number: Int,
        _ outline: inout SyncOutline,
        _ body: () async throws -> Answer
    ) async throws -> Answer? {
        do {
            return try await body()
        } catch {
            if error is CancellationError || Task.isCancelled { throw CancellationError() }
            outline.problems.append(.init(rule: number, subject: subject, underlying: error))
            return nil
        }
    }

    private static func all<Name: CustomStringConvertible>(
        _ page: (String?) async throws -> Page<Name>
    ) async throws -> [Name] {
        var names: [Name] = []
        for _ in 0..<pageCountMax {
            let last = names.last?.description
            let next = try await page(last)
            names += next.elements
            guard next.hasMore, let end = next.elements.last?.description else { return names }
            guard end != last, names.count < nameCountMax else { break }
        }
        throw RegistryError(.unavailable, "the registry sends a list without an end")
    }

    // MARK: What follows

    private func addCopies(_ routes: [(route: Route, tags: [Tag]?)], to outline: inout SyncOutline) {
        var sources: [SyncPlace: SyncPlace] = [:]
        for (route, tags) in routes {
            let rule = plan.rules[route.rule]
            for tag in rule.tags.selected(from: tags ?? []) {
                let source = SyncPlace(registry: rule.source, repository: route.source, tag: tag)
                let target = SyncPlace(registry: route.registry, repository: route.target, tag: tag)
                if let other = sources.updateValue(source, forKey: target) {
                    sources[target] = other
                    if other == source { continue }
                    let refusal = RegistryError(.conditionFailed, "\(other) and \(source) would both be there")
                    outline.problems.append(.init(rule: route.rule, subject: "\(target)", underlying: refusal))
                } else {
                    outline.copies.append(.init(source: source, target: target, rule: route.rule))
                }
            }
        }
    }

    /// Tags of targets that a rule covers and that no source has.
    private func addDeletions(
        _ routes: [(route: Route, tags: [Tag]?)],
        to outline: inout SyncOutline
    ) async throws {
        var wanted: [Home: Set<Tag>] = [:]
        var unsure: Set<Home> = []
        for (route, tags) in routes {
            let home = Home(registry: route.registry, repository: route.target)
            wanted[home, default: []].formUnion(tags ?? [])
            if (tags ?? []).isEmpty { unsure.insert(home) }
        }
        let failedRules = Set(outline.problems.map(\.rule))
        var seen: Set<SyncPlace> = []
        for (route, _) in routes where plan.rules[route.rule].deletes && !failedRules.contains(route.rule) {
            let home = Home(registry: route.registry, repository: route.target)
            guard !unsure.contains(home) else { continue }
            let there = try await attempt("the tags of \(home.registry)/\(home.repository)", route.rule, &outline) {
                try await targetTags(of: home)
            }
            for tag in there ?? [] where plan.rules[route.rule].tags.covers(tag) && wanted[home]?.contains(tag) == false
            {
                let target = SyncPlace(registry: home.registry, repository: home.repository, tag: tag)
                if seen.insert(target).inserted { outline.deletions.append(.init(target: target, rule: route.rule)) }
            }
        }
    }

    private func targetTags(of home: Home) async throws -> [Tag] {
        let registry = try await registry(home.registry, home.repository)
        do {
            return try await Self.all { try await registry.tags(in: home.repository, after: $0, limit: Self.pageCount) }
        } catch let error as RegistryError where error.code == .nameUnknown {
            return []
        }
    }
}
