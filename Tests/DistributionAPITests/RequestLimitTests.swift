import Limits
import RegistryTesting
import Synchronization
import Testing

/// Requests and bytes, by address, user and repository.
@Suite struct RequestLimitTests {
    private typealias Guarded = GuardedRegistry

    private static let slow = RequestLimits.Allowances(requests: Allowance(2, per: .seconds(20)))

    @Test func `a client that asks too often waits as long as it is told, whatever it asks for`() async throws {
        let clock = LimitClock()
        let refused = Mutex<[Limit]>([])
        let limits = TrafficLimits(
            requests: clock.requests(perAddress: Self.slow),
            observer: .init(refused: { limit in refused.withLock { $0.append(limit) } })
        )
        try await Guarded.with(limits: limits) { (registry) async throws in
            let paths = ["/v2/", "/v2/open/app/tags/list", "/v2/nonsense", "/token?scope=repository:open/app:pull"]
            for path in paths {
                clock.pass(1000)
                for _ in 0..<2 { #expect(try await registry.get(path).status != 429, "\(path)") }
                let answer = try await registry.get(path)
                #expect(try answer.wait == "429 TOOMANYREQUESTS 10", "\(path)")
                #expect(answer.all("X-Request-Id").count == 1 && answer[header: "Cache-Control"] == "no-store")
                #expect(try await registry.from("192.0.2.9").get(path).status != 429)
                clock.pass(10)
                #expect(try await registry.get(path).status != 429, "\(path)")
            }
            #expect(refused.withLock { $0 } == paths.map { _ in .requestsPerAddress })
            #expect(registry.log.all.contains { $0.contains("requests-per-address") && $0.contains("127.0.0.1") })
        }
    }

    @Test func `a user is counted over all addresses, and another is not touched`() async throws {
        let clock = LimitClock()
        let limits = TrafficLimits(requests: clock.requests(perUser: Self.slow))
        try await Guarded.with(limits: limits) { (registry) async throws in
            for address in ["192.0.2.1", "192.0.2.2"] {
                #expect(try await registry.from(address).get("/v2/", [Guarded.basic("alice")]).status == 200)
            }
            let third = try registry.from("192.0.2.3")
            #expect(try await third.get("/v2/", [Guarded.basic("alice")]).wait == "429 TOOMANYREQUESTS 10")
            #expect(try await third.get("/token", [Guarded.basic("alice")]).wait == "429 TOOMANYREQUESTS 10")
            #expect(try await third.get("/v2/", [Guarded.basic("bob")]).status == 200)
            #expect(try await third.get("/v2/open/app/tags/list").status == 404)
        }
    }

    @Test func `a repository is used up only by those who may read it, and tells others nothing`() async throws {
        let clock = LimitClock()
        let limits = TrafficLimits(requests: clock.requests(perRepository: Self.slow))
        try await Guarded.with(limits: limits) { (registry) async throws in
            let path = "/v2/team/app/tags/list"
            for _ in 0..<5 {
                #expect(try await registry.get(path).status == 401)
                #expect(try await registry.get(path, [Guarded.basic("bob")]).status == 403)
            }
            for _ in 0..<2 { #expect(try await registry.get(path, [Guarded.basic("alice")]).status == 404) }
            #expect(try await registry.get(path, [Guarded.basic("alice")]).wait == "429 TOOMANYREQUESTS 10")
            #expect(try await registry.get(path).status == 401)
            #expect(try await registry.get(path, [Guarded.basic("bob")]).status == 403)
            let other = "/v2/team/other/tags/list"
            #expect(try await registry.get(other, [Guarded.basic("alice")]).status == 404)
        }
    }

    @Test func `what was moved is paid off by waiting, both ways`() async throws {
        let clock = LimitClock()
        let bytes = RequestLimits.Allowances(bytes: Allowance(10_000, per: .seconds(100)))
        let limits = TrafficLimits(requests: clock.requests(perUser: bytes))
        let image = SampleImage(seed: 3, layerSize: 12_000)
        try await Guarded.with(limits: limits) { (registry) async throws in
            let alice = [Guarded.basic("alice")]
            let upload = "/v2/team/app/blobs/uploads/?digest=\(image.layer.digest)"
            let post = TestRequest("POST", upload, headers: alice, body: image.layer.bytes)
            #expect(try await registry.harness.send(post).status == 201)
            let blob = "/v2/team/app/blobs/\(image.layer.digest)"
            #expect(try await registry.get(blob, alice).wait == "429 TOOMANYREQUESTS 20")
            clock.pass(21)
            let head = TestRequest("HEAD", blob, headers: alice)
            for _ in 0..<5 { #expect(try await registry.harness.send(head).status == 200, "no bytes, no debt") }
            #expect(try await registry.get(blob, alice).body == image.layer.bytes)
            let wait = try #require(try await registry.get(blob, alice)[header: "Retry-After"].flatMap { Int($0) })
            #expect((110...120).contains(wait))
            clock.pass(wait)
            #expect(try await registry.get(blob, alice).status == 200)
        }
    }

    @Test func `who is exempt comes in also where its address may not, and nobody in its name`() async throws {
        let clock = LimitClock()
        let one = RequestLimits.Allowances(requests: Allowance(1, per: .seconds(60)))
        let requests = clock.requests(perAddress: one, perUser: one, perRepository: one)
        let limits = TrafficLimits(requests: requests, exempt: ["user:alice"])
        try await Guarded.with(limits: limits) { (registry) async throws in
            let path = "/v2/team/app/tags/list"
            for _ in 0..<3 { #expect(try await registry.get(path, [Guarded.basic("alice")]).status == 404) }
            #expect(try await registry.get(path).status == 401, "the exempt have used up nothing")
            for _ in 0..<3 { #expect(try await registry.get(path, [Guarded.basic("alice")]).status == 404) }
            for header in [Guarded.basic("alice", "wrong"), Guarded.basic("bob"), ("Authorization", "Bearer x")] {
                for path in ["/v2/", path, "/token"] {
                    #expect(try await registry.get(path, [header]).summary == "429 TOOMANYREQUESTS")
                }
            }
            #expect(try await registry.get("/token", [Guarded.basic("alice")]).status == 200)
        }
    }
}
