import Foundation

/// One line of the table: what is done, what is shown of it, and what it should reach.
struct Row {
    /// What `--only` takes.
    var name: String
    var work: String
    var figure: Figure
    var cpu: CPUUnit
    var targets: [Target]

    /// Whether a party is compared with ours by its CPU, and not by the figure.
    var isAboutCPU: Bool {
        targets.contains { $0.subject == .cpu || $0.subject == .cpuToNginx }
    }
}

/// What is shown of a sample beside its CPU.
enum Figure: String {
    case perSecond = "/s"
    case throughput = "MiB/s"
    case seconds = "s"
    case milliseconds = "ms"
    case memory = "MiB"

    func value(of sample: Sample) -> Double {
        switch self {
        case .perSecond: sample.operations / sample.wall
        case .throughput: sample.operations * 1024 / sample.wall
        case .seconds: sample.wall
        case .milliseconds, .memory: sample.value
        }
    }

    func text(_ value: Double) -> String {
        self == .perSecond ? "\(short(value))/s" : "\(short(value)) \(rawValue)"
    }
}

/// In what a row's CPU is shown, and for how much work.
struct CPUUnit {
    /// How many there are in a second.
    var scale: Double
    var unit: String

    static let request = CPUUnit(scale: 1e6, unit: "us")
    static let image = CPUUnit(scale: 1e3, unit: "ms")
    static let transfer = CPUUnit(scale: 1, unit: "s")

    func text(_ seconds: Double) -> String { "\(short(seconds * scale)) \(unit)" }
}

/// A bound for one of our figures.
struct Target {
    enum Subject {
        case figure
        /// In the row's unit of CPU.
        case cpu
        case figureToNginx
        case cpuToNginx
    }

    var subject: Subject
    var atMost: Double?
    var atLeast: Double?

    static func figure(atMost limit: Double) -> Target { Target(subject: .figure, atMost: limit) }
    static func figure(atLeast limit: Double) -> Target { Target(subject: .figure, atLeast: limit) }
    static func cpu(atMost limit: Double) -> Target { Target(subject: .cpu, atMost: limit) }
    static func cpuToNginx(atMost limit: Double) -> Target { Target(subject: .cpuToNginx, atMost: limit) }
    static func figureToNginx(atLeast limit: Double) -> Target { Target(subject: .figureToNginx, atLeast: limit) }

    /// What is asked, such as "CPU at most 25 us".
    func text(in row: Row) -> String {
        let bound =
            atMost.map { "at most \(String(format: "%g", $0))" } ?? atLeast.map {
                "at least \(String(format: "%g", $0))"
            } ?? ""
        switch subject {
        case .figure: return row.figure == .perSecond ? "\(bound)/s" : "\(bound) \(row.figure.rawValue)"
        case .cpu: return "CPU \(bound) \(row.cpu.unit)"
        case .figureToNginx: return "throughput \(bound) x nginx"
        case .cpuToNginx: return "CPU \(bound) x nginx"
        }
    }

    /// Whether we reach it; nil where what it is measured against is missing.
    func isMet(ours: Summary, nginx: Summary?, in row: Row) -> Bool? {
        guard let value = value(ours: ours, nginx: nginx, in: row) else { return nil }
        return value <= atMost ?? .infinity && value >= atLeast ?? -.infinity
    }

    private func value(ours: Summary, nginx: Summary?, in row: Row) -> Double? {
        switch subject {
        case .figure: ours.figure
        case .cpu: ours.serverCPU * row.cpu.scale
        case .figureToNginx: nginx.map { ours.figure / $0.figure }
        case .cpuToNginx: nginx.map { ours.serverCPU / $0.serverCPU }
        }
    }
}
