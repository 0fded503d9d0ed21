import DistributionAPI
import Foundation
import Hosting
import Logging
import Metadata
import MetadataPostgreSQL
import Testing

@testable import RegistryTesting

/// What requests cost PostgreSQL is told in a page, and is so.
@Suite struct RequestCostTests {
    private static let page = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../Documentation/postgresql.md").standardizedFileURL
    /// What the table of the page begins with.
    private static let head = ["| Request | Statements | Round trips |", "|---|---|---|"]

    /// Runs `body` with stores on PostgreSQL.
    private func withStores(_ body: @Sendable (TestStores, PostgreSQLEngine) async throws -> Void) async throws {
        try await TestDatabase.$current.withValue(.postgresql) {
            try await TestStores.with { stores in
                try await body(stores, try #require(stores.engine as? PostgreSQLEngine))
            }
        }
    }

    private static let roundCount = 5
    /// In the first of them the connections learn the statements.
    private static let learningRoundCount = 2

    /// What each kind of request asks once the server knows its statements.
    ///
    /// Every connection learns them by itself, and which one a request gets is chance: so of the rounds after the first
    /// the least counts.
    private func rows(_ costs: RequestCosts, in group: String, seed: UInt64) async throws -> [RequestCosts.Row] {
        var (costs, least) = (costs, [RequestCosts.Row]())
        for round in 0..<Self.roundCount {
            let seed = seed + UInt64(round) * 10
            try await costs.count(in: "\(group)/app\(round)", and: "\(group)/other\(round)", seed: seed)
            guard round >= Self.learningRoundCount else { continue }
            if least.isEmpty { least = costs.rows }
            try #require(costs.rows.map(\.request) == least.map(\.request))
            least = zip(least, costs.rows).map { $0.notMore(than: $1) }
        }
        return least
    }

    /// What is deleted goes to the trash, as it does where nothing else is configured.
    private static func host(_ stores: TestStores) -> Hosting.RegistryHost {
        stores.host(RegistryHost.Options(trashTime: .seconds(7 * 86_400)))
    }

    private func open(_ stores: TestStores) -> any RegistryHarness {
        ResponderHarness(
            responder: DistributionResponder(
                registries: Self.host(stores),
                options: DistributionResponder.Options(),
                log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
        )
    }

    @Test func `each kind of request costs PostgreSQL what the page says`() async throws {
        try await withStores { stores, engine in
            let costs = RequestCosts(open(stores), engine)
            let rows = try await rows(costs, in: "team", seed: 7000)
            let text = try String(contentsOf: Self.page, encoding: .utf8)
            let lines = text.split(separator: "\n").map(String.init)
            let table = lines.drop { $0 != Self.head[0] }.prefix { $0.hasPrefix("|") }
            let found = Self.head + rows.map(\.line)
            #expect(Array(table) == found, "the page is to have this table:\n\(found.joined(separator: "\n"))")

            let pulls = rows.filter { $0.request.contains(#/(GET|HEAD)` a (manifest|blob)($| by)/#) }
            #expect(pulls.count == 6)
            for row in pulls { #expect(row.cost == RequestCosts.Cost(statements: 1, roundTrips: 1), "\(row.line)") }
            let pushes = rows.drop { !$0.request.hasPrefix("`PUT` a manifest") }.prefix { !$0.request.contains("GET") }
            #expect(pushes.count == 7)
            for row in pushes { #expect(row.cost.roundTrips <= 6, "\(row.line)") }
        }
    }

    @Test func `who hears of events costs a request nothing more`() async throws {
        try await withStores { stores, engine in
            let expected = try await rows(RequestCosts(open(stores), engine), in: "team/a", seed: 7000)
            for name in ["mirror", "webhook"] {
                let made = try await stores.facts.write { try $0.registerEventConsumer(name) }
                let seed: UInt64 = name == "mirror" ? 8000 : 9000
                let found = try await rows(RequestCosts(open(stores), engine), in: "team/\(name)", seed: seed)
                #expect(zip(found, expected).filter { $0 != $1 }.map { "\($0.line) \($1.line)" } == [])
                #expect(found.count == expected.count)
                #expect(try await stores.facts.read { try $0.eventCounts(of: made.id, upTo: 1000) }.waiting > 20)
            }
        }
    }

    @Test func `a password or a token costs nothing more, and a secret of a token's kind one statement`() async throws {
        try await withStores { stores, engine in
            let expected = try await rows(RequestCosts(open(stores), engine), in: "team/a", seed: 7000)
            let house = try await GuardedRegistry.over(stores.facts, Self.host(stores))
            let scopes = (0..<Self.roundCount).flatMap { round in
                ["app", "other"].map { "repository:team/b/\($0)\(round):*" }
            }
            let all = ["registry:catalog:*", "repository:team/none:*"] + scopes
            let query = all.map { "scope=\($0)" }.joined(separator: "&")
            let grant = try await house.get("/token?\(query)", [GuardedRegistry.basic("alice")])
            let token = ("Authorization", "Bearer \(try grant.grant.token)")
            let secret = GuardedRegistry.basic("alice", try await house.handOut())
            for (header, group, seed, further) in [
                (token, "team/b", 8000, 0), (GuardedRegistry.basic("alice"), "team/c", 9000, 0),
                (secret, "team/d", 10_000, 1),
            ] as [((String, String), String, UInt64, Int)] {
                let costs = RequestCosts(house.harness, engine, headers: [header])
                // There are two parts of the names in which alice may list something.
                let expected = expected.map { row in
                    row.costing(row.request.hasSuffix("page of repositories") ? further + 1 : further)
                }
                let found = try await rows(costs, in: group, seed: seed)
                #expect(zip(found, expected).filter { $0 != $1 }.map { "\($0.line) \($1.line)" } == [])
                #expect(found.count == expected.count)
            }
        }
    }
}
