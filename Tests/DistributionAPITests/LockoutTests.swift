import Limits
import RegistryTesting
import Synchronization
import Testing

/// Failed logins slow down and lock.
@Suite struct LockoutTests {
    private typealias Guarded = GuardedRegistry

    private static func form(_ name: String, _ password: String) -> String {
        "grant_type=password&username=\(name)&password=\(password)"
    }

    @Test(arguments: ["alice", "nobody"])
    func `failed logins on all ways count together, also for a name that is nobody's`(name: String) async throws {
        let clock = LimitClock()
        try await Guarded.with(limits: TrafficLimits(logins: clock.logins())) { (registry) async throws in
            let wrong = [Guarded.basic(name, "wrong")]
            for path in ["/v2/", "/token", "/v2/open/app/tags/list", "/token"] {
                #expect(try await registry.get(path, wrong).summary == "401 UNAUTHORIZED")
            }
            #expect(try await registry.post(Self.form(name, "wrong")).summary == "401 UNAUTHORIZED")
            for seconds in [1, 2, 4, 8] {
                let wait = "429 TOOMANYREQUESTS \(seconds)"
                var messages: Set<String> = []
                for header in [wrong, [Guarded.basic(name)]] {
                    for path in ["/v2/", "/token"] {
                        let answer = try await registry.get(path, header)
                        #expect(try answer.wait == wait)
                        #expect(answer[header: "WWW-Authenticate"] == nil)
                        messages.insert(try answer.refusal.errors[0].message)
                    }
                }
                #expect(try await registry.post(Self.form(name, "wrong")).wait == wait)
                #expect(messages == ["too many failed logins: try again in \(seconds) seconds"])
                clock.pass(seconds)
                #expect(try await registry.get("/token", wrong).status == 401)
            }
            #expect(try await registry.get("/v2/open/app/tags/list").status == 404, "nobody need not log in")
        }
    }

    @Test func `a lock holds for one account at one address, ends, and ends with a success`() async throws {
        let clock = LimitClock()
        try await Guarded.with(limits: TrafficLimits(logins: clock.logins())) { (registry) async throws in
            let token = try await registry.bearer("repository:team/app:pull")
            let (right, wrong) = ([Guarded.basic("alice")], [Guarded.basic("alice", "wrong")])
            for _ in 0..<20 {
                #expect(try await registry.get("/v2/", wrong).status == 401)
                let answer = try await registry.get("/v2/", right)
                guard answer.status == 429 else {
                    #expect(answer.status == 200, "a success begins anew")
                    break
                }
            }
            for _ in 0..<31 {
                let answer = try await registry.get("/v2/", wrong)
                if answer.status == 429 { clock.pass(try #require(answer[header: "Retry-After"].flatMap { Int($0) })) }
            }
            #expect(try await registry.get("/v2/", right).wait == "429 TOOMANYREQUESTS 900")
            #expect(try await registry.from("192.0.2.2").get("/v2/", right).status == 200)
            #expect(try await registry.get("/v2/", [Guarded.basic("bob")]).status == 200)
            #expect(try await registry.get("/v2/team/app/tags/list", [token]).status == 404, "a token is no guess")
            clock.pass(900)
            #expect(try await registry.get("/v2/", right).status == 200)
            for _ in 0..<5 { #expect(try await registry.get("/v2/", wrong).status == 401) }
            #expect(try await registry.get("/v2/", right).status == 429)
        }
    }

    @Test func `secrets that were handed out are guarded like passwords`() async throws {
        let clock = LimitClock()
        try await Guarded.with(limits: TrafficLimits(logins: clock.logins())) { (registry) async throws in
            let secret = try await registry.handOut()
            for number in 0..<5 {
                let guess = Guarded.basic("alice", "wharf_pat_\(number)")
                #expect(try await registry.get("/v2/", [guess]).status == 401)
            }
            #expect(try await registry.get("/v2/", [Guarded.basic("alice", secret)]).status == 429)
            clock.pass(1)
            #expect(try await registry.get("/v2/", [Guarded.basic("alice", secret)]).status == 200)
        }
    }

    @Test func `a refresh token that has ended locks itself, and guesses lock their address`() async throws {
        let clock = LimitClock()
        try await Guarded.with(limits: TrafficLimits(logins: clock.logins())) { (registry) async throws in
            let issued = try await registry.get("/token?offline_token=true", [Guarded.basic("alice")]).grant
            let good = "grant_type=refresh_token&refresh_token=\(try #require(issued.refresh_token))"
            let ended = "grant_type=refresh_token&refresh_token=wharf_refresh_ended"
            for _ in 0..<5 { #expect(try await registry.post(ended).status == 401) }
            #expect(try await registry.post(ended).wait == "429 TOOMANYREQUESTS 1")
            #expect(try await registry.post(good).status == 200, "others behind the same address go on")
            for number in 5..<100 { #expect(try await registry.post("\(ended)\(number)").status == 401) }
            let answer = try await registry.post("\(ended)100")
            #expect(try answer.wait == "429 TOOMANYREQUESTS 9")
            #expect(try answer.refusal.errors[0].message.contains("from this address"))
            #expect(try await registry.get("/v2/", [Guarded.basic("alice")]).status == 429)
            #expect(try await registry.from("192.0.2.2").post(good).status == 200)
        }
    }

    @Test func `failures and refusals are counted, and the log has no password`() async throws {
        let clock = LimitClock()
        let counted = Mutex((failures: 0, refusals: [Limit]()))
        let observer = TrafficLimits.Observer(
            refused: { limit in counted.withLock { $0.refusals.append(limit) } },
            loginFailed: { counted.withLock { $0.failures += 1 } }
        )
        let limits = TrafficLimits(logins: clock.logins(), observer: observer)
        try await Guarded.with(limits: limits) { (registry) async throws in
            for _ in 0..<7 { _ = try await registry.get("/v2/", [Guarded.basic("alice", "wrong-word")]) }
            #expect(counted.withLock { $0.failures } == 5)
            #expect(counted.withLock { $0.refusals } == [.logins, .logins])
            #expect(limits.logins?.lockedCount == 1)
            #expect(registry.log.all.count { $0.contains("a limit was reached") } == 2)
            #expect(!registry.log.all.contains { $0.contains("wrong-word") })
        }
    }
}
