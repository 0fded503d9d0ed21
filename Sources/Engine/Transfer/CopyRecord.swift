import OCI
import Synchronization

/// What one copy has done so far; written to by all of its tasks.
final class CopyRecord: Sendable {
    private struct State {
        var report: TransferReport
        var planned: Set<Digest> = []
        var outcomes: [Digest: BlobOutcome] = [:]
        var visited: Set<Digest> = []
        var subjects: [Node] = []
    }

    private let state: Mutex<State>

    init(root: Descriptor) {
        state = Mutex(State(report: TransferReport(root: root)))
    }

    /// The report so far.
    var report: TransferReport {
        state.withLock { $0.report }
    }

    /// Changes the report.
    func note(_ change: (inout TransferReport) -> Void) {
        state.withLock { change(&$0.report) }
    }

    /// Counts a blob in; false when it was.
    func plan(_ blob: Digest) -> Bool {
        state.withLock { $0.planned.insert(blob).inserted }
    }

    /// Counts what became of a blob: what is told last, where the target has not kept its word.
    func end(_ blob: Descriptor, _ outcome: BlobOutcome) {
        state.withLock { state in
            if let before = state.outcomes.updateValue(outcome, forKey: blob.digest) {
                state.report.remove(blob, before)
            }
            state.report.add(blob, outcome)
        }
    }

    /// What became of a blob that is there now: it is skipped where this copy has not brought it.
    func outcome(of blob: Descriptor) -> BlobOutcome {
        state.withLock { state in
            if let known = state.outcomes[blob.digest] { return known }
            state.outcomes[blob.digest] = .skipped
            state.report.add(blob, .skipped)
            return .skipped
        }
    }

    /// Counts a manifest in; false when there are too many.
    func visit(_ manifest: Digest) -> Bool {
        state.withLock { state in
            state.visited.insert(manifest)
            return state.visited.count <= TransferOptions.manifestCountMax
        }
    }

    /// Remembers a manifest that is at the target now, for what refers to it.
    func addSubject(_ node: Node) {
        state.withLock { $0.subjects.append(node) }
    }

    /// The manifests that came since this was last asked.
    func takeSubjects() -> [Node] {
        state.withLock { state in
            defer { state.subjects = [] }
            return state.subjects
        }
    }
}
