import Events
import Metadata
import OCI
import RegistryContract
import RegistryTesting
import Testing

/// A registry whose events somebody hears, in a database of its own.
struct EventHouse: Sendable {
    let stores: TestStores
    let app: RepositoryName

    var outbox: EventOutbox { EventOutbox(stores.facts) }
    var registry: any Registry { stores.registry() }

    static func with(_ database: TestDatabase, _ body: @Sendable (EventHouse) async throws -> Void) async throws {
        try await TestDatabase.$current.withValue(database) {
            try await TestStores.with { stores in
                try await body(EventHouse(stores: stores, app: RepositoryName("team/app")))
            }
        }
    }

    /// An image, each number another one.
    static func image(_ number: Int) -> SampleImage {
        SampleImage(seed: UInt64(4000 + number), layerSize: 100)
    }

    static func manifest(_ number: Int) throws -> Digest {
        try image(number).manifest.name
    }

    /// Runs `body` with the facts as another server over the same database has them.
    func elsewhere<Value: Sendable>(_ body: (FactStore) async throws -> Value) async throws -> Value {
        let engine = try await TestDatabase.current.open(in: stores.folder, file: "facts.sqlite")
        do {
            let value = try await body(FactStore(engine: engine))
            try await engine.close()
            return value
        } catch {
            try? await engine.close()
            throw error
        }
    }

    func push(_ number: Int, as tags: String...) async throws {
        let image = Self.image(number)
        for blob in image.blobs { try await registry.push(blob, to: app) }
        _ = try await registry.putManifest(image.manifest.push(tags: tags.map { try Tag($0) }), in: app)
    }

    /// Pushes images whose blobs are there.
    func move(_ tag: String, to numbers: Int...) async throws {
        for number in numbers {
            _ = try await registry.putManifest(Self.image(number).manifest.push(tags: [Tag(tag)]), in: app)
        }
    }

    /// All that a consumer is given until there is no more, each acknowledged; in the order of the claims.
    func drain(_ consumer: EventConsumer) async throws -> [EventFact] {
        var all: [EventFact] = []
        while true {
            let events = try await consumer.claim()
            guard !events.isEmpty else { return all }
            #expect(Set(events.map(\.subject)).count == events.count, "each is of another subject")
            #expect(try await consumer.acknowledge(events) == Set(events.map(\.number)))
            all += events
        }
    }
}

extension EventFact {
    /// What it says, in short.
    var line: String {
        let moved = [old, new].map { $0.map { String($0.description.suffix(4)) } ?? "-" }
        return "\(kind) \(subject.prefix { $0 != "@" }) \(version.map(String.init) ?? "") \(moved[0])>\(moved[1])"
    }
}

/// Waits until a condition holds, for a while.
func eventually(_ sentence: String, _ condition: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while try await !condition() {
        try #require(ContinuousClock.now < deadline, "\(sentence): not within 60 seconds")
        try await Task.sleep(for: .milliseconds(5))
    }
}
