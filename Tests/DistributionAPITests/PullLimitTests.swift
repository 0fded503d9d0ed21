import DistributionAPI
import Limits
import Logging
import Testing

@testable import RegistryTesting

/// The pull limit as Docker Hub has it.
@Suite struct PullLimitTests {
    private typealias Guarded = GuardedRegistry

    private static let image = SampleImage(seed: 7)
    private static let path = "/v2/open/app/manifests/1"

    /// What an answer says of the pulls, such as `100;w=600 99;w=600 192.0.2.1`.
    private static func said(_ answer: TestResponse) -> String {
        ["ratelimit-limit", "ratelimit-remaining", "docker-ratelimit-source"].map { answer[header: $0] ?? "-" }
            .joined(separator: " ")
    }

    @Test func `each manifest says what is left, asking is free, and who waits as told may pull again`() async throws {
        let clock = LimitClock()
        let limits = TrafficLimits(pulls: clock.pulls(anonymous: Allowance(2, per: .seconds(600))))
        try await Guarded.with(limits: limits) { (registry) async throws in
            try await registry.push(Self.image, to: "open/app", "1")
            let head = TestRequest("HEAD", Self.path)
            #expect(Self.said(try await registry.harness.send(head)) == "2;w=600 2;w=600 127.0.0.1")
            let missing = try await registry.get("/v2/open/app/manifests/2")
            #expect(missing.status == 404)
            #expect(Self.said(missing) == "2;w=600 2;w=600 127.0.0.1", "what is not there is no pull")
            let known = [("If-None-Match", "\"\(Self.image.manifest.digest)\"")]
            #expect(try await registry.get(Self.path, known).status == 304)
            for remaining in [1, 0] {
                let answer = try await registry.get(Self.path)
                #expect(answer.status == 200 && answer.body == Self.image.manifest.bytes)
                #expect(Self.said(answer) == "2;w=600 \(remaining);w=600 127.0.0.1")
            }
            let refused = try await registry.get(Self.path)
            #expect(try refused.summary == "429 TOOMANYREQUESTS")
            #expect(Self.said(refused) == "2;w=600 0;w=600 127.0.0.1")
            let wait = try #require(refused[header: "Retry-After"].flatMap { Int($0) })
            #expect((590...610).contains(wait))
            #expect(try refused.refusal.errors[0].message.hasSuffix("try again in \(wait) seconds"))
            let asked = try await registry.harness.send(head)
            #expect(asked.status == 200 && Self.said(asked) == "2;w=600 0;w=600 127.0.0.1")
            #expect(try await registry.get("/v2/open/app/blobs/\(Self.image.layer.digest)").status == 200)
            clock.pass(wait)
            #expect(Self.said(try await registry.get(Self.path)) == "2;w=600 1;w=600 127.0.0.1")
        }
    }

    @Test func `addresses, blocks of IPv6 and accounts are counted apart`() async throws {
        let clock = LimitClock()
        let (few, more) = (Allowance(1, per: .seconds(60)), Allowance(2, per: .seconds(3600)))
        let limits = TrafficLimits(pulls: clock.pulls(anonymous: few, authenticated: more))
        try await Guarded.with(limits: limits) { (registry) async throws in
            try await registry.push(Self.image, to: "open/app", "1")
            for address in ["192.0.2.1", "192.0.2.2", "2001:db8::1"] {
                let there = try registry.from(address)
                let source = address == "2001:db8::1" ? "2001:db8::/64" : address
                #expect(Self.said(try await there.get(Self.path)) == "1;w=60 0;w=60 \(source)")
                #expect(try await there.get(Self.path).status == 429)
            }
            #expect(try await registry.from("2001:db8::2").get(Self.path).status == 429)
            let token = try await registry.bearer("repository:open/app:pull")
            for (headers, remaining) in [([Guarded.basic("alice")], 1), ([token], 0)] {
                let answer = try await registry.from("192.0.2.1").get(Self.path, headers)
                #expect(Self.said(answer) == "2;w=3600 \(remaining);w=3600 user:alice")
            }
            #expect(try await registry.from("192.0.2.3").get(Self.path, [token]).status == 429)
            #expect(try await registry.get(Self.path, [Guarded.basic("bob")]).status == 200)
            let nobody = try await registry.bearer("repository:open/app:pull", of: nil)
            #expect(try await registry.from("192.0.2.4").get(Self.path, [nobody]).status == 200)
            #expect(try await registry.from("192.0.2.1").get(Self.path, [nobody]).status == 429)
        }
    }

    @Test func `who is exempt pulls on, and is told of no limit`() async throws {
        let clock = LimitClock()
        let one = Allowance(1, per: .seconds(60))
        let limits = TrafficLimits(pulls: clock.pulls(anonymous: one, authenticated: one), exempt: ["user:bob"])
        try await Guarded.with(limits: limits) { (registry) async throws in
            try await registry.push(Self.image, to: "open/app", "1")
            for _ in 0..<3 {
                let answer = try await registry.get(Self.path, [Guarded.basic("bob")])
                #expect(answer.status == 200 && Self.said(answer) == "- - -")
            }
        }
    }

    @Test func `who may not read is told to log in, however much was pulled`() async throws {
        let clock = LimitClock()
        let limits = TrafficLimits(pulls: clock.pulls(anonymous: Allowance(1, per: .seconds(60))))
        try await Guarded.with(limits: limits) { (registry) async throws in
            try await registry.push(Self.image, to: "open/app", "1")
            #expect(try await registry.get("/v2/team/app/manifests/1").status == 401)
            #expect(try await registry.get(Self.path).status == 200)
            let answer = try await registry.get("/v2/team/app/manifests/1")
            #expect(try answer.summary == "401 UNAUTHORIZED")
            #expect(answer[header: "WWW-Authenticate"]?.contains("repository:team/app:pull") == true)
        }
    }

    @Test func `it holds in a registry without logins too`() async throws {
        let clock = LimitClock()
        try await TestRegistry.withInstallation { (installation) async throws in
            var options = DistributionResponder.Options()
            options.limits = TrafficLimits(pulls: clock.pulls(anonymous: Allowance(1, per: .seconds(60))))
            let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let responder = DistributionResponder(registries: installation.host, options: options, log: log)
            let harness = ResponderHarness(responder: responder)
            for blob in Self.image.blobs {
                let path = "/v2/app/blobs/uploads/?digest=\(blob.digest)"
                #expect(try await harness.send(TestRequest("POST", path, body: blob.bytes)).status == 201)
            }
            let manifest = Self.image.manifest
            let type = [("Content-Type", manifest.mediaType)]
            let path = "/v2/app/manifests/1"
            let push = TestRequest("PUT", path, headers: type, body: manifest.bytes)
            #expect(try await harness.send(push).status == 201)
            #expect(Self.said(try await harness.send(TestRequest("GET", path))) == "1;w=60 0;w=60 127.0.0.1")
            #expect(try await harness.send(TestRequest("GET", path)).status == 429)
            #expect(try await harness.send(TestRequest("GET", "/v2/")).status == 200)
        }
    }
}
