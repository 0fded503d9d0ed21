import OCI
import RegistryContract
import Synchronization

/// One run of a sync.
final class SyncRun: Sendable {
    /// A repository of a target.
    private struct Home: Hashable {
        var registry: String
        var repository: RepositoryName

        init(_ place: SyncPlace) {
            (registry, repository) = (place.registry, place.repository)
        }
    }

    private struct State {
        var report = SyncReport()
        /// Where something failed: nothing is deleted there.
        var unsure: Set<Home> = []
    }

    private let sync: Sync
    private let outline: SyncOutline
    private let keepsGoing: Bool
    private let state: Mutex<State>

    init(_ sync: Sync, _ outline: SyncOutline, keepsGoing: Bool) {
        self.sync = sync
        self.outline = outline
        self.keepsGoing = keepsGoing
        state = Mutex(State(report: SyncReport(problems: outline.problems)))
    }

    func run() async throws -> SyncReport {
        if mayGoOn {
            try await copyAll()
            try await deleteAll()
        }
        var report = state.withLock { $0.report }
        let done = report.copiedCount + report.unchangedCount + report.deletedCount + report.failures.count
        report.untriedCount = outline.copies.count + outline.deletions.count - done
        return report
    }

    /// Whether nothing has failed, or that does not matter.
    private var mayGoOn: Bool {
        keepsGoing || state.withLock { $0.report.failures.isEmpty && $0.report.problems.isEmpty }
    }

    private func fail(_ target: SyncPlace, _ error: any Error) throws {
        if error is CancellationError || Task.isCancelled { throw CancellationError() }
        let failure = SyncReport.Failure(target: target, underlying: error)
        state.withLock { state in
            state.report.failures.append(failure)
            state.unsure.insert(Home(target))
        }
        sync.tell(.failed(failure))
    }

    // MARK: Copies

    private func copyAll() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, copy) in outline.copies.enumerated() {
                if number >= Sync.imagesInParallelMax { try await group.next() }
                guard mayGoOn else { break }
                group.addTask { [self] in try await self.copy(copy) }
            }
            try await group.waitForAll()
        }
    }

    private func copy(_ copy: SyncOutline.Copy) async throws {
        sync.tell(.began(copy))
        do {
            let transfer = Transfer(
                from: try await place(copy.source),
                to: try await place(copy.target),
                options: sync.plan.rules[copy.rule].options,
                session: sync.session,
                observer: sync.observer
            )
            let report = try await transfer.copy(.tag(copy.source.tag), tags: [copy.target.tag])
            state.withLock { state in
                if report.isUnchanged { state.report.unchangedCount += 1 } else { state.report.copiedCount += 1 }
                state.report.sentByteCount += report.sentByteCount
            }
            sync.tell(.copied(copy, report))
        } catch {
            try fail(copy.target, error)
        }
    }

    private func place(_ place: SyncPlace) async throws -> Place {
        let registry = try await sync.registries(place.registry, place.repository)
        return Place(registry: registry, repository: place.repository, registryName: place.registry)
    }

    // MARK: Deletions

    private func deleteAll() async throws {
        for deletion in outline.deletions {
            try Task.checkCancellation()
            let target = deletion.target
            guard mayGoOn else { return }
            guard !state.withLock({ $0.unsure.contains(Home(target)) }) else { continue }
            do {
                let registry = try await sync.registries(target.registry, target.repository)
                try await registry.deleteTag(target.tag, in: target.repository)
                state.withLock { $0.report.deletedCount += 1 }
                sync.tell(.deleted(deletion))
            } catch let error as RegistryError where [.manifestUnknown, .nameUnknown].contains(error.code) {
                // Somebody else was faster.
                state.withLock { $0.report.deletedCount += 1 }
            } catch {
                try fail(target, error)
            }
        }
    }
}
