/// The values that a field of cron picks out.
struct CronField: Hashable, Sendable {
    /// Which of the five it is.
    enum Part: Sendable {
        case minute
        case hour
        case day
        case month
        case weekday

        /// What it is called.
        var name: String {
            switch self {
            case .minute: "minute"
            case .hour: "hour"
            case .day: "day of the month"
            case .month: "month"
            case .weekday: "day of the week"
            }
        }

        /// The numbers that may be written.
        var numbers: ClosedRange<Int> {
            switch self {
            case .minute: 0...59
            case .hour: 0...23
            case .day: 1...31
            case .month: 1...12
            case .weekday: 0...7
            }
        }

        /// The numbers that `*` stands for.
        var all: ClosedRange<Int> {
            self == .weekday ? 0...6 : numbers
        }

        /// Names that may be written for numbers, the first for the first.
        var names: [String] {
            switch self {
            case .minute, .hour, .day: []
            case .month: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
            case .weekday: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
            }
        }
    }

    /// A bit for each value.
    private var bits: UInt64 = 0
    /// Whether it says more than `*`.
    let isGiven: Bool

    init(_ text: String, _ part: Part) throws(CronSchedule.ParseError) {
        isGiven = text != "*"
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            for value in try Self.values(item, part) {
                // Sunday is the seventh day as well.
                bits |= 1 << UInt64(part == .weekday ? value % 7 : value)
            }
        }
    }

    /// Whether a value is one of them.
    func contains(_ value: Int) -> Bool {
        bits & (1 << UInt64(value)) != 0
    }

    /// All of them, the smallest first.
    var values: [Int] {
        (0..<64).filter(contains)
    }

    /// The values of what stands between two commas.
    private static func values(
        _ item: Substring,
        _ part: Part
    ) throws(CronSchedule.ParseError) -> StrideThrough<Int> {
        let halves = item.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let range = try range(halves[0], part, hasStep: halves.count > 1)
        guard halves.count > 1 else { return stride(from: range.lowerBound, through: range.upperBound, by: 1) }
        guard let step = number(halves[1]), step > 0, step <= part.all.upperBound else {
            throw wrong(item, part, "the step behind / is a number from 1 to \(part.all.upperBound)")
        }
        return stride(from: range.lowerBound, through: range.upperBound, by: step)
    }

    private static func range(
        _ text: Substring,
        _ part: Part,
        hasStep: Bool
    ) throws(CronSchedule.ParseError) -> ClosedRange<Int> {
        if text == "*" { return part.all }
        let ends = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let first = try value(ends[0], part)
        guard ends.count > 1 else {
            guard !hasStep else { throw wrong(text, part, "a step needs a range or * before it") }
            return first...first
        }
        var last = try value(ends[1], part)
        // The week that begins with Monday ends with Sunday.
        if part == .weekday, last == 0, first > 0 { last = 7 }
        guard first <= last else { throw wrong(text, part, "a range goes from the smaller to the larger") }
        return first...last
    }

    private static func value(_ text: Substring, _ part: Part) throws(CronSchedule.ParseError) -> Int {
        if let place = part.names.firstIndex(of: text.lowercased()) { return place + (part == .month ? 1 : 0) }
        guard let number = number(text), part.numbers.contains(number) else {
            let names = part.names.isEmpty ? "" : ", or a name such as \(part.names[1])"
            throw wrong(
                text,
                part,
                "it is a number from \(part.numbers.lowerBound) to \(part.numbers.upperBound)\(names)"
            )
        }
        return number
    }

    /// A number of digits alone; a sign is none.
    private static func number(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.utf8.count <= 3, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int(text)
    }

    private static func wrong(_ text: Substring, _ part: Part, _ rule: String) -> CronSchedule.ParseError {
        CronSchedule.ParseError(description: "\"\(text)\" is no \(part.name) of a schedule: \(rule)")
    }
}
