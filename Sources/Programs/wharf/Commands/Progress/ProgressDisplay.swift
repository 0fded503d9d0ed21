import Foundation
import Glibc
import Synchronization
import Transfer

/// Shows how a transfer goes, on standard error: bars on a terminal, a plain line for each blob elsewhere.
final class ProgressDisplay: Sendable {
    /// What is shown.
    enum Style: Sendable {
        /// Bars that are drawn over and over.
        case bars
        /// One line for each blob that ended.
        case lines
        /// Nothing.
        case quiet
    }

    private struct Shown {
        var state = ProgressState()
        var rate = TransferRate()
        /// How wide each line is that stands on the terminal.
        var widths: [Int] = []
        /// Whether nothing is to be drawn any more.
        var isOver = false

        /// How many rows the lines take: a terminal that was made narrower since has broken them.
        func rowCount(of width: Int) -> Int {
            widths.reduce(0) { $0 + max(1, ($1 + width - 1) / width) }
        }
    }

    private let style: Style
    private let isColoured: Bool
    private let shown = Mutex(Shown())
    private let start = ContinuousClock.now

    /// How often the bars are drawn.
    private static let interval = Duration.milliseconds(100)

    init(_ style: Style, isColoured: Bool) {
        self.style = style
        self.isColoured = isColoured
    }

    /// What suits where standard error goes; `quiet` wins.
    ///
    /// Bars are for a terminal that can move its cursor, and that nothing else is written to meanwhile.
    static func standard(quiet: Bool, verbose: Bool = false) -> ProgressDisplay {
        let environment = ProcessInfo.processInfo.environment
        let canMove = !["", "dumb"].contains(environment["TERM"] ?? "")
        let hasBars = isatty(STDERR_FILENO) == 1 && canMove && !verbose
        let isPlain = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
        return ProgressDisplay(quiet ? .quiet : hasBars ? .bars : .lines, isColoured: hasBars && !isPlain)
    }

    /// Whether a terminal is drawn on, to which nothing else may be written meanwhile.
    var hasBars: Bool { style == .bars }

    /// Whether nothing is to be said.
    var isQuiet: Bool { style == .quiet }

    /// Names a blob that will be needed.
    func plan(_ name: String, byteCount: Int64) {
        shown.withLock { $0.state.plan(name, byteCount: byteCount) }
    }

    /// Says that bytes of it have moved.
    func advance(_ name: String, by byteCount: Int64) {
        shown.withLock { $0.state.advance(name, by: byteCount) }
    }

    /// Says that a blob is where it should be.
    func end(_ name: String, _ outcome: BlobOutcome) {
        shown.withLock { shown in
            guard let item = shown.state.end(name, outcome), style == .lines else { return }
            let count = "\(shown.state.endedCount) of \(shown.state.items.count)"
            Remark.print("\(name): \(outcome.text), \(HumanText.bytes(item.byteCount)) (\(count))")
        }
    }

    /// Draws while `body` runs, and leaves nothing of it on the terminal.
    func whileShown<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        guard style == .bars else { return try await body() }
        shown.withLock { $0.isOver = false }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [self] in
                while true {
                    try await Task.sleep(for: Self.interval)
                    draw()
                }
            }
            defer {
                group.cancelAll()
                clear()
            }
            return try await body()
        }
    }

    // MARK: The terminal

    private func draw() {
        let (width, height) = Self.terminalSize
        shown.withLock { shown in
            shown.rate.sample(shown.state.movedByteCount, at: ContinuousClock.now - start)
            guard !shown.isOver, !shown.state.items.isEmpty else { return }
            let text = ProgressText(width: width, height: height, isColoured: isColoured)
            let lines = text.lines(of: shown.state, rate: shown.rate.bytesPerSecond)
            let back = Self.back(shown.rowCount(of: width))
            shown.widths = lines.map(\.width)
            Self.write(back + lines.map { $0.text + "\n" }.joined())
        }
    }

    private func clear() {
        let (width, _) = Self.terminalSize
        shown.withLock { shown in
            Self.write(Self.back(shown.rowCount(of: width)))
            shown.widths = []
            shown.isOver = true
        }
    }

    /// Back to the first of the rows that were drawn, and over all of them.
    private static func back(_ rowCount: Int) -> String {
        rowCount > 0 ? "\u{1B}[\(rowCount)A\r\u{1B}[J" : ""
    }

    private static func write(_ text: String) {
        guard !text.isEmpty else { return }
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }

    private static var terminalSize: (width: Int, height: Int) {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return (80, 24)
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }
}
