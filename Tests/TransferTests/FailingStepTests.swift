import OCI
import RegistryContract
import RegistryTesting
import Testing
import Transfer

/// One step after the other of a copy fails, at the source or at the target.
@Suite("A step of a copy that fails")
struct FailingStepTests {
    /// How a step fails.
    enum Manner: CaseIterable, Sendable {
        /// It is not done, and would be done the next time.
        case unavailable
        /// It is not done, and will not be.
        case refused
        /// It is done, and the answer is lost.
        case unanswered
        /// Neither it nor any later one is done.
        case fromThenOn
    }

    private let index = Samples.Indexed(["linux/amd64", "linux/arm64"])

    @Test("leaves nothing half-made, and the next copy succeeds", arguments: Manner.allCases, [true, false])
    func steps(manner: Manner, atSource: Bool) async throws {
        let healthy = try await run(failing: nil, manner, atSource: atSource)
        let count = (atSource ? healthy.source : healthy.target).calls.count
        #expect(count >= (atSource ? 8 : 20), "the copy takes too few steps to prove anything")
        for step in 1...count {
            let attempt = try await run(failing: step, manner, atSource: atSource)
            let failing = atSource ? attempt.source : attempt.target
            let situation: Comment = "step \(step): \(failing.calls.dropFirst(step - 1).first?.description ?? "none")"
            try await expectSound(attempt, manner, atSource, situation)
        }
    }

    // MARK: - Parts

    private struct Attempt {
        var source: HookedRegistry
        var target: HookedRegistry
        var store: MemoryRegistry
        var error: (any Error)?
    }

    private func run(failing step: Int?, _ manner: Manner, atSource: Bool) async throws -> Attempt {
        let origin = MemoryRegistry()
        try await index.push(to: origin, Samples.app, tags: "1.0")
        let store = MemoryRegistry()
        let fail: @Sendable (HookedRegistry.Call, Int, Bool) throws -> Void = { _, number, isDone in
            guard let step else { return }
            switch manner {
            case .unavailable where number == step && !isDone: throw RegistryError(.unavailable, "not now")
            case .refused where number == step && !isDone: throw RegistryError(.denied, "not you")
            case .unanswered where number == step && isDone: throw RegistryError(.unavailable, "lost")
            case .fromThenOn where number >= step && !isDone: throw RegistryError(.unavailable, "gone")
            default: break
            }
        }
        let failing = HookedRegistry(
            atSource ? origin : store,
            before: { try fail($0, $1, false) },
            after: { try fail($0, $1, true) }
        )
        let other = HookedRegistry(atSource ? store : origin)
        var attempt = Attempt(
            source: atSource ? failing : other,
            target: atSource ? other : failing,
            store: store
        )
        do {
            try await Samples.transfer(from: attempt.source, to: attempt.target)
                .copy(Samples.reference("1.0"), tags: [Samples.tag("1.0")])
        } catch {
            attempt.error = error
        }
        return attempt
    }

    private func expectSound(
        _ attempt: Attempt,
        _ manner: Manner,
        _ atSource: Bool,
        _ situation: Comment
    ) async throws {
        if let error = attempt.error {
            let failure = try #require(error as? TransferError, situation)
            #expect(failure.side == (atSource ? .reading : .writing), "\(situation): \(error)")
            #expect([.unavailable, .denied].contains(failure.code), "\(situation): \(error)")
        } else {
            try await index.demandWhole(attempt.store, as: "1.0", in: Samples.copy)
            #expect(manner != .fromThenOn, situation)
        }
        // An upload whose id was never told, and one at a target that is gone, cannot be ended.
        let mayLeaveUploads = !atSource && [.unanswered, .fromThenOn].contains(manner)
        #expect(mayLeaveUploads || attempt.target.openUploads.isEmpty, situation)
        if let tags = try? await attempt.store.allTags(in: Samples.copy), !tags.isEmpty {
            try await index.demandWhole(attempt.store, as: "1.0", in: Samples.copy)
        }
        let origin = attempt.source.base
        try await Samples.transfer(from: origin, to: attempt.store)
            .copy(Samples.reference("1.0"), tags: [Samples.tag("1.0")])
        try await index.demandWhole(attempt.store, as: "1.0", in: Samples.copy)
    }
}
