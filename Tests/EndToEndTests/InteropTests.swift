import Testing

/// What real clients do with a running `wharf`: the clients of Debian's packages and oras from PyPI, on real images.
///
/// One server, one dockerd and one containerd serve all of it; the tests share them, so they run one after another.
@Suite("Real clients", .serialized, .withParties)
struct InteropTests {}

extension Trait where Self == PartiesTrait {
    /// Starts the registry and the daemons before the suite, and stops them after it, whatever happened.
    static var withParties: PartiesTrait { PartiesTrait() }
}

/// Lends a suite the `Parties` that its tests talk to.
struct PartiesTrait: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        let parties = try await Parties.start()
        do {
            try await Parties.$lent.withValue(parties) { try await function() }
        } catch {
            try? await parties.stop()
            throw error
        }
        try await parties.stop()
    }
}
