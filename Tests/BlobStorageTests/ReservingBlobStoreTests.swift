import BlobStorage
import RegistryTesting
import Testing

@Suite("A reserve of free room")
struct ReservingBlobStoreTests {
    @Test("Bytes that would eat into the reserve are refused; reading, removing and finishing go on")
    func refuses() async throws {
        let store = ReservingBlobStore(MemoryBlobStore(capacity: 1000), reserve: 300, interval: .zero)
        let first = SampleUpload(count: 600, seed: 70)
        let second = SampleUpload(count: 101, seed: 71)
        try await first.append(0..<600, to: store)
        try await refused { try await second.append(0..<101, to: store) }
        try await refused { try await second.finish(store) }
        try await first.finish(store, from: 600)
        try await first.demandStored(in: store)
        try await SampleUpload([]).finish(store)
        try await store.remove(first.key, digest: first.digest)
        try await second.finish(store)
        try await second.demandStored(in: store)
    }

    @Test("Between two measurements, what was let through is counted")
    func counts() async throws {
        let store = ReservingBlobStore(MemoryBlobStore(capacity: 1000), reserve: 300, interval: .seconds(86_400))
        let first = SampleUpload(count: 400, seed: 72)
        let second = SampleUpload(count: 300, seed: 73)
        try await first.finish(store)
        try await second.append(0..<300, to: store)
        try await refused { try await SampleUpload(count: 1, seed: 74).finish(store) }
        try await second.finish(store, from: 300)
    }

    @Test("An upload that is announced is refused before its bytes are sent, and not counted twice")
    func announced() async throws {
        let store = ReservingBlobStore(MemoryBlobStore(capacity: 1000), reserve: 300, interval: .seconds(86_400))
        try await store.admit(byteCount: 700)
        try await store.admit(byteCount: 700)
        try await refused { try await store.admit(byteCount: 701) }
        try await SampleUpload(count: 700, seed: 76).finish(store)
        try await store.admit(byteCount: 0)
        try await refused { try await store.admit(byteCount: 1) }
    }

    @Test("When the reserve is touched already, not even an empty upload is begun")
    func touched() async throws {
        let memory = MemoryBlobStore(capacity: 1000)
        try await SampleUpload(count: 800, seed: 77).finish(memory)
        let store = ReservingBlobStore(memory, reserve: 300)
        try await refused { try await store.admit(byteCount: 0) }
    }

    @Test("Above a share of the whole nothing more is taken; once there is room again, bytes are taken again")
    func share() async throws {
        let memory = MemoryBlobStore(capacity: 1000)
        let store = ReservingBlobStore(memory, reserve: 10, refuseAbove: 0.9, interval: .zero)
        let first = SampleUpload(count: 900, seed: 78)
        try await first.finish(store)
        try await refused { try await SampleUpload(count: 1, seed: 79).finish(store) }
        try await refused { try await store.admit(byteCount: 1) }
        try await first.demandStored(in: store)
        try await store.remove(first.key, digest: first.digest)
        try await store.admit(byteCount: 900)
        try await refused { try await store.admit(byteCount: 901) }
        // The reserve is the larger of the two.
        let reserving = ReservingBlobStore(memory, reserve: 300, refuseAbove: 0.9)
        try await reserving.admit(byteCount: 700)
        try await refused { try await reserving.admit(byteCount: 701) }
    }

    @Test("A store without a bound that it knows is never refused for")
    func unbounded() async throws {
        let store = ReservingBlobStore(MemoryBlobStore(), reserve: 1 << 40, refuseAbove: 0)
        let content = SampleUpload(count: 100, seed: 75)
        try await content.finish(store)
        try await content.demandStored(in: store)
    }

    private func refused(_ body: () async throws -> Void) async throws {
        let error = await #expect(throws: BlobStoreError.self) { try await body() }
        #expect(error?.code == .full)
    }
}
