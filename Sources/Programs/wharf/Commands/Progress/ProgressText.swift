/// The lines that show a transfer on a terminal.
struct ProgressText {
    /// A line, and how many columns it takes.
    struct Line {
        var text: String
        var width: Int
    }

    /// How wide the terminal is, in columns.
    var width: Int
    /// How many lines there are for it.
    var height: Int
    /// Whether colours may be used.
    var isColoured: Bool

    /// A name takes so many columns.
    private static let nameWidth = 12
    /// A bar that is shorter says nothing.
    private static let barWidths = 8...30

    /// Longer times are shown as this one.
    private static let secondsMax = 1e9

    /// The lines: what moves first, then the total.
    func lines(of state: ProgressState, rate: Double?) -> [Line] {
        let moving = state.items.filter { $0.isMoving && $0.outcome == nil }
        // A row for the total, one for what is left out, and one for the cursor behind the last line.
        let room = max(0, min(height - 3, 24))
        var lines = moving.prefix(room).map { line(of: $0) }
        if moving.count > room { lines.append(cut("and \(moving.count - room) more")) }
        lines.append(total(of: state, rate: rate))
        return lines
    }

    private func line(of item: ProgressState.Item) -> Line {
        let share = item.byteCount > 0 ? Double(item.doneByteCount) / Double(item.byteCount) : 1
        let sizes = Self.sizes(item.doneByteCount, item.byteCount)
        return compose(name: item.name, share: share, endings: [sizes, ""])
    }

    private func total(of state: ProgressState, rate: Double?) -> Line {
        let share = state.byteCount > 0 ? Double(state.doneByteCount) / Double(state.byteCount) : 1
        let count = "\(state.endedCount) of \(state.items.count)"
        let sizes = Self.sizes(state.doneByteCount, state.byteCount)
        guard let rate, rate > 0 else {
            return compose(name: "total", share: share, endings: ["\(count), \(sizes)", sizes, ""])
        }
        let left = Double(state.byteCount - state.doneByteCount) / rate
        let time = HumanText.duration(.seconds(Int64(min(left.rounded(.up), Self.secondsMax)))) + " left"
        let speed = "\(HumanText.bytes(Int64(rate)))/s"
        return compose(
            name: "total",
            share: share,
            endings: [
                "\(count), \(sizes), \(speed), \(time)", "\(sizes), \(speed), \(time)", "\(speed), \(time)", time, "",
            ]
        )
    }

    private static func sizes(_ done: Int64, _ all: Int64) -> String {
        "\(HumanText.bytes(done)) of \(HumanText.bytes(all))"
    }

    /// A line with the first of the endings that leaves room for a bar, or without a bar where none does.
    private func compose(name: String, share: Double, endings: [String]) -> Line {
        let head = name.padded(to: Self.nameWidth) + "  "
        let percent = "\(Int(share * 100)) %".paddedLeft(to: 5)
        for ending in endings {
            let tail = ending.isEmpty ? " \(percent)" : " \(percent)  \(ending)"
            // The last column stays free: some terminals go on to the next line with it.
            let barWidth = min(Self.barWidths.upperBound, width - 1 - head.count - tail.count)
            guard barWidth >= Self.barWidths.lowerBound else { continue }
            return Line(text: head + bar(share, barWidth) + tail, width: head.count + barWidth + tail.count)
        }
        return cut("\(head)\(percent)")
    }

    private func bar(_ share: Double, _ width: Int) -> String {
        let full = Int(Double(width) * min(1, max(0, share)))
        let bar = String(repeating: "━", count: full)
        let rest = String(repeating: "─", count: width - full)
        return isColoured ? "\u{1B}[32m\(bar)\u{1B}[90m\(rest)\u{1B}[0m" : bar + rest
    }

    private func cut(_ text: String) -> Line {
        let text = String(text.prefix(max(1, width - 1)))
        return Line(text: text, width: text.count)
    }
}

extension String {
    /// With spaces behind it.
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }

    /// With spaces before it.
    func paddedLeft(to width: Int) -> String {
        String(repeating: " ", count: max(0, width - count)) + self
    }
}
