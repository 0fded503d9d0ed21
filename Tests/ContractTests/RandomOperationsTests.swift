import RegistryContract
import RegistryTesting
import Testing

/// Two implementers that were written apart are asked the same, at random.
@Suite("Random operations")
struct RandomOperationsTests {
    private static let roundCount = TestSeed.count(24, soaking: 600, of: "rounds of random operations")
    private static let operationCount = 250

    @Test(
        "The hosted registry, which is started anew now and then, answers as the model does",
        arguments: 0..<roundCount
    )
    func sameAnswers(round: Int) async throws {
        let seed = TestSeed.round(round)
        var world = try RandomWorld(seed: seed)
        var random = SeededGenerator(seed: ~seed)
        var (hostedUploads, modelUploads): ([UploadID], [UploadID]) = ([], [])
        var history: [String] = []
        let model = MemoryRegistry()
        try await TestStores.with { stores in
            var hosted = stores.registry()
            for _ in 0..<Self.operationCount {
                if Int.random(in: 0..<20, using: &random) == 0 { hosted = stores.registry() }
                let operation = try world.next()
                let expected = await operation.answer(of: model, &modelUploads)
                let found = await operation.answer(of: hosted, &hostedUploads)
                world.note(operation, expected)
                history.append("\(String(describing: operation).prefix(300)) -> \(expected.prefix(200))")
                let trace = history.suffix(12).joined(separator: "\n")
                try #require(found == expected, "TEST_SEED=\(TestSeed.run), round \(round):\n\(trace)")
            }
        }
    }
}
