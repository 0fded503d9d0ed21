import Metadata
import RegistryTesting
import Testing

@testable import Jobs

@Suite struct JobQueueTests {
    private let kind = JobKind("a", "Does something.", attemptMax: 7, priority: .low, argumentNames: ["x", "y"]) { _ in
        ""
    }

    @Test func `a kind makes jobs as it is described`() throws {
        let order = try kind.order(arguments: #"{"x": [1]}"#, by: "user:bob")
        #expect(order.kind == "a" && order.key == "a" && order.attemptMax == 7 && order.priority == .low)
        #expect(order.arguments == #"{"x": [1]}"# && order.createdBy == "user:bob")
        #expect(try JobKind("b", "", isSingle: false) { _ in "" }.order(by: "local").key == nil)
    }

    @Test(arguments: [
        ("", "object"), ("[]", "object"), ("1", "object"), ("{", "object"),
        (#"{"z":1}"#, #"no argument "z"; it takes x, y"#),
    ])
    func `arguments that mean nothing are refused`(arguments: String, part: String) {
        let error = #expect(throws: JobKind.ArgumentError.self) { try kind.order(arguments: arguments, by: "local") }
        #expect(error?.description.contains(part) == true)
    }

    @Test func `kinds are found by name, and told in order`() {
        let kinds = JobKinds([JobKind("b", "") { _ in "" }, kind])
        #expect(kinds.names == ["a", "b"] && kinds.all.map(\.name) == ["a", "b"])
        #expect(kinds["b"]?.name == "b" && kinds["c"] == nil)
    }

    @Test(arguments: TestDatabase.allCases)
    func `a kind that there is not is refused, and those that there are are told`(database: TestDatabase) async throws {
        try await JobHouse.with(database) { (house) async throws in
            let queue = JobQueue(house.facts, kinds: house.kinds())
            let error = await #expect(throws: JobQueue.UnknownKind.self) {
                try await queue.enqueue(kind: "x", by: "local")
            }
            #expect(error?.description.contains("count, wait") == true)
            #expect(try await house.facts.read { try $0.jobs(JobSearch(), limit: 1) } == [])
        }
    }

    @Test func `a bell that nobody hears is heard by the next who waits`() async throws {
        let bell = JobBell()
        bell.ring()
        let clock = ContinuousClock()
        let heard = await clock.measure { await bell.wait(atMost: .seconds(60)) }
        #expect(heard < .seconds(30))
        let waited = await clock.measure { await bell.wait(atMost: .milliseconds(20)) }
        #expect(waited >= .milliseconds(20))
        let waiting = Task { await bell.wait(atMost: .seconds(60)) }
        waiting.cancel()
        #expect(await clock.measure { await waiting.value } < .seconds(30))
    }
}
