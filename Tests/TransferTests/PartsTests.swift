import OCI
import RegistryContract
import RegistryTesting
import Testing
import Transfer

@Suite("A big blob that is read in parts")
struct PartsTests {
    private let origin = MemoryRegistry()
    private let target = HookedRegistry(MemoryRegistry())
    private let image = Samples.Layered(
        [SampleBlob(count: 1_500_001, seed: 1), SampleBlob(count: 300_000, seed: 2)],
        name: "one"
    )

    private func copy(from source: any Registry, parts: Int = 4, session: TransferSession = TransferSession())
        async throws
    {
        try await image.push(to: origin, Samples.app, tags: "1.0")
        var options = TransferOptions()
        options.partsInParallelMax = parts
        options.partByteCount = 100_000
        options.partedByteCountMin = 1_000_000
        let observer = RecordingObserver()
        try await Samples.transfer(from: source, to: target, options: options, session: session, observer: observer)
            .copy(Samples.reference("1.0"), tags: [Samples.tag("1.0")])
        try await image.demandWhole(target, as: "1.0", in: Samples.copy)
        #expect(observer.record.advanced[try image.layers[0].name] == 1_500_001)
    }

    private func reads(_ source: HookedRegistry) -> Int {
        source.calls.count { $0.name == "blob" && $0.subject == image.layers[0].digest }
    }

    @Test(.timeLimit(.minutes(1)), arguments: [2, 4, 50])
    func `comes whole and in order`(parts: Int) async throws {
        let source = HookedRegistry(origin, reading: { $0.streamed($1) })
        try await copy(from: source, parts: parts)
        #expect(reads(source) == 16)
    }

    @Test func `comes in one go unless parts are asked for`() async throws {
        let source = HookedRegistry(origin, reading: { $0.streamed($1) })
        try await copy(from: source, parts: 1)
        #expect(reads(source) == 1)
    }

    @Test func `comes in one go where as many blobs move as may`() async throws {
        let source = HookedRegistry(origin, reading: { $0.streamed($1) })
        try await copy(from: source, session: TransferSession(blobsInParallelMax: 1))
        #expect(reads(source) == 1)
    }

    @Test func `comes in one go from a source that gives no parts`() async throws {
        let source = HookedRegistry(origin, reading: { content, _ in content.streamed(nil) })
        try await copy(from: source)
        #expect(reads(source) == 2)
    }

    @Test(.timeLimit(.minutes(1)), arguments: 1...20)
    func `comes whole although a part fails`(number: Int) async throws {
        let source = HookedRegistry(
            origin,
            before: { call, count in
                if call.name == "blob", count == number { throw RegistryError(.unavailable, "not now") }
            },
            reading: { content, range in
                content.streamed(
                    range,
                    through: { number % 2 == 0 && range?.lowerBound == 700_000 ? CutStream($0, after: 9) : $0 }
                )
            }
        )
        try await copy(from: source)
        #expect(target.openUploads.isEmpty)
    }

    @Test(.timeLimit(.minutes(1)), arguments: [50_000, 350_000, 1_400_000])
    func `comes whole although the target breaks`(byteCount: Int) async throws {
        let source = HookedRegistry(origin, reading: { $0.streamed($1) })
        let broken = HookedRegistry(
            target,
            writing: { $0.declaredByteCount == 1_500_001 ? CutStream($0, after: byteCount) : $0 }
        )
        try await image.push(to: origin, Samples.app, tags: "1.0")
        var options = TransferOptions()
        options.partsInParallelMax = 3
        options.partByteCount = 100_000
        options.partedByteCountMin = 1_000_000
        try await Samples.transfer(from: source, to: broken, options: options)
            .copy(Samples.reference("1.0"), tags: [Samples.tag("1.0")])
        try await image.demandWhole(target, as: "1.0", in: Samples.copy)
    }
}
