import Synchronization
import Transfer
import Upkeep

/// Shows how a migration goes on: a bar on a terminal, elsewhere a line now and then.
final class MigrationProgress: StorageMigrationObserver {
    private struct State {
        var blobCount: Int64 = 0
        var byteCount: Int64 = 0
        var doneBlobCount: Int64 = 0
        var doneByteCount: Int64 = 0
        var rowCount = 0
        var lastLine: ContinuousClock.Instant?
        /// What is said once nothing is drawn any more.
        var waiting: [String] = []
    }

    /// What the bar is called.
    private static let name = "blobs"
    /// How often a line comes.
    private static let interval = Duration.seconds(5)

    private let display: ProgressDisplay
    private let state = Mutex(State())

    init(_ display: ProgressDisplay) {
        self.display = display
    }

    func began(_ stage: StorageMigrationStage) {
        switch stage {
        case .blobs(let count, let byteCount):
            state.withLock { ($0.blobCount, $0.byteCount) = (count, byteCount) }
            display.plan(Self.name, byteCount: byteCount)
            line("moving \(HumanText.count(Int(count), "blob")), \(HumanText.bytes(byteCount))")
        case .facts:
            state.withLock { $0.rowCount = 0 }
            line("moving the metadata")
        case .comparison:
            state.withLock { $0.rowCount = 0 }
            line("comparing both sides")
        }
    }

    func moved(byteCount: Int64) {
        state.withLock { $0.doneByteCount += byteCount }
        display.advance(Self.name, by: byteCount)
        blobsLine()
    }

    func finished(byteCount: Int64, wasThere: Bool) {
        state.withLock { state in
            state.doneBlobCount += 1
            if wasThere { state.doneByteCount += byteCount }
        }
        if wasThere { display.advance(Self.name, by: byteCount) }
        blobsLine()
    }

    func moved(rowCount: Int) {
        let count = state.withLock { state in
            state.rowCount += rowCount
            return state.rowCount
        }
        if isLineDue() { line("\(HumanText.count(count, "row"))") }
    }

    func found(_ damage: String) {
        remark("damage: \(damage)")
    }

    /// Says a sentence, now or when nothing is drawn any more.
    func remark(_ sentence: String) {
        guard display.hasBars else { return Remark.print(sentence) }
        state.withLock { $0.waiting.append(sentence) }
    }

    /// Says what could not be said while something was drawn.
    func tellWaiting() {
        let sentences = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        for sentence in sentences { Remark.print(sentence) }
    }

    private func blobsLine() {
        guard isLineDue() else { return }
        let state = state.withLock { $0 }
        let bytes = "\(HumanText.bytes(state.doneByteCount)) of \(HumanText.bytes(state.byteCount))"
        line("\(state.doneBlobCount) of \(HumanText.count(Int(state.blobCount), "blob")), \(bytes)")
    }

    private func isLineDue() -> Bool {
        state.withLock { state in
            let now = ContinuousClock.now
            guard let last = state.lastLine, now - last < Self.interval else {
                let isFirst = state.lastLine == nil
                state.lastLine = now
                return !isFirst
            }
            return false
        }
    }

    private func line(_ text: String) {
        guard !display.hasBars, !display.isQuiet else { return }
        Remark.print(text)
    }
}
