import BlobStorageFiles
import Glibc
import Hosting
import Metadata
import MetadataSQLite
import RegistryContract
import RegistryTesting
import Testing

/// One step after the other of some whole pushes fails, on the disk or in the database.
@Suite("A step of a push that fails")
struct FailingStepTests {
    /// How a call to the disk fails.
    struct Fault: Sendable, CustomTestStringConvertible {
        var number: CInt
        var manner: FailingFileSystem.Manner

        var testDescription: String { "\(String(cString: strerror(number))), \(manner)" }
    }

    static let faults = [
        Fault(number: EIO, manner: .once), Fault(number: EIO, manner: .afterwards),
        Fault(number: EIO, manner: .fromThenOn), Fault(number: ENOSPC, manner: .once),
        Fault(number: ENOSPC, manner: .fromThenOn),
    ]

    @Test("Each call to the disk: an error or a success, nothing is damaged, a retry works", arguments: faults)
    func disk(fault: Fault) async throws {
        let first = try await Self.callsToOpen() + 1
        let count = try await Self.run(calls: FailingFileSystem()).callCount
        #expect(count - first > 60, "the script makes too few calls to prove anything")
        // How many calls there are differs from run to run: now and then two random keys lie in the same folder.
        for call in first... {
            let calls = FailingFileSystem(failing: call, with: fault.number, fault.manner)
            let attempt = try await Self.run(calls: calls)
            guard let failed = calls.calls.dropFirst(call - 1).first else {
                try #require(call > count - 20, "the script ended early")
                break
            }
            let situation: Comment = "call \(call): \(failed)"
            if let error = attempt.error {
                Self.check(error, fault, situation)
            } else {
                // What is only a courtesy, such as to remove bytes that nothing names, may fail unseen.
                #expect(fault.manner != .fromThenOn, situation)
            }
            let isRemoval = failed.hasPrefix("unlink")
            let mayLeaveGarbage = isRemoval || fault.manner == .fromThenOn
            await Self.expectSound(attempt, mayBeDropped: true, mayLeaveGarbage: mayLeaveGarbage, situation)
        }
    }

    @Test(
        "Each step in the database: an error or a success, nothing is damaged, a retry works",
        arguments: [false, true]
    )
    func database(isLasting: Bool) async throws {
        let healthy = try await Self.run()
        #expect(healthy.stepCount > 60, "the script makes too few steps to prove anything")
        for step in 1...healthy.stepCount {
            let attempt = try await Self.run(step: step, isLasting: isLasting)
            let situation: Comment = "step \(step)"
            if let error = attempt.error {
                #expect((error as? RegistryError)?.code == .unavailable, situation)
            } else {
                #expect(!isLasting, situation)
            }
            await Self.expectSound(attempt, situation)
        }
    }

    // MARK: - Parts

    /// A run of the script in which something failed.
    private struct Attempt {
        var folder: TemporaryFolder
        var script: PushScript
        var error: (any Error)?
        var callCount = 0
        var stepCount = 0
    }

    private static func callsToOpen() async throws -> Int {
        let calls = FailingFileSystem()
        try await TestStores.open(in: TemporaryFolder(inMemory: true), calls: calls).close()
        return calls.calls.count
    }

    /// Runs the script, and again on the same host when it was interrupted once.
    private static func run(
        calls: FailingFileSystem = FailingFileSystem(),
        step: Int? = nil,
        isLasting: Bool = false
    ) async throws -> Attempt {
        var attempt = Attempt(folder: try TemporaryFolder(inMemory: true), script: try PushScript())
        var engine: FailingMetadataEngine?
        let stores = try await TestStores.open(
            in: attempt.folder,
            calls: calls,
            before: { base in
                let failing = FailingMetadataEngine(base)
                engine = failing
                return failing
            }
        )
        let registry = stores.registry(.init(checkpointByteCount: PushScript.checkpointByteCount))
        engine?.failStep(step, lasting: isLasting)
        do {
            try await attempt.script.run(on: registry)
        } catch {
            attempt.error = error
        }
        attempt.callCount = calls.calls.count
        attempt.stepCount = engine?.stepCount ?? 0
        if attempt.error != nil, !calls.isCut, !isLasting {
            var again = try PushScript(project: "again", seed: 50)
            try await again.run(on: registry)
            try await again.check(registry)
        }
        try await stores.close()
        return attempt
    }

    private static func check(_ error: any Error, _ fault: Fault, _ situation: Comment) {
        if fault.number == ENOSPC {
            #expect((error as? RegistryError)?.code == .storageFull, situation)
        } else if let error = error as? SystemCallError {
            #expect(error.number == fault.number, situation)
        } else {
            // The disk could not make the upload durable and it was dropped: the next to ask is told so.
            #expect((error as? RegistryError)?.code == .uploadUnknown, "\(situation): \(error)")
        }
    }

    /// Looks at what is left as the next process does.
    private static func expectSound(
        _ attempt: Attempt,
        mayBeDropped: Bool = false,
        mayLeaveGarbage: Bool = false,
        _ situation: Comment
    ) async {
        do {
            let stores = try await TestStores.open(in: attempt.folder)
            do {
                try await stores.demandSound(
                    after: attempt.script,
                    mayBeDropped: mayBeDropped,
                    mayLeaveGarbage: mayLeaveGarbage
                )
            } catch {
                Issue.record("\(situation): \(error)")
            }
            try await stores.close()
        } catch {
            Issue.record("\(situation): \(error)")
        }
    }
}
