import Foundation

/// What the kernel knows of a process and its descendants; nginx does its work in children.
enum ProcessTree {
    /// The process and its descendants.
    static func members(of root: pid_t) -> [pid_t] {
        var children: [pid_t: [pid_t]] = [:]
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        for process in names.compactMap({ pid_t($0) }) {
            guard let parent = field("PPid", of: process) else { continue }
            children[pid_t(parent), default: []].append(process)
        }
        var members = [root]
        var next = 0
        while next < members.count {
            members += children[members[next]] ?? []
            next += 1
        }
        return members
    }

    /// User and system time of these processes so far.
    ///
    /// The process's CPU clock counts what utime and stime of /proc/PID/stat count, in nanoseconds and not in 10 ms.
    static func cpuSeconds(of members: [pid_t]) throws -> Double {
        try members.reduce(0) { sum, member in
            var clock = clockid_t()
            var time = timespec()
            guard clock_getcpuclockid(member, &clock) == 0, clock_gettime(clock, &time) == 0 else {
                throw Failure("process \(member) of the server has ended")
            }
            return sum + time.seconds
        }
    }

    /// A field of /proc/PID/status that is a number, such as PPid, or VmRSS in KiB.
    static func field(_ name: String, of process: pid_t) -> Int? {
        guard let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8) else { return nil }
        let line = status.split(separator: "\n").first { $0.hasPrefix(name + ":") }
        return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }
    }
}
