#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What the kernel knows of this process, read when asked: memory, processor time, open files, when it started.
///
/// It is read from `/proc`; where there is none, the answers are nil and the metrics are left out.
public enum ProcessMetrics {
    /// Adds the process metrics to a set, under the names that Prometheus' own client libraries use.
    public static func add(to metrics: MetricSet) {
        metrics.computed("process_resident_memory_bytes", "Memory of the process that is in RAM, in bytes.") {
            residentBytes().map(Double.init)
        }
        metrics.computed("process_cpu_seconds_total", "Processor time the process has used.", kind: .counter) {
            processorSeconds()
        }
        metrics.computed("process_open_fds", "File descriptors that the process holds open.") {
            openDescriptors().map(Double.init)
        }
        metrics.computed("process_max_fds", "File descriptors that the process may hold open.") {
            var limit = rlimit()
            guard getrlimit(openFilesLimit, &limit) == 0 else { return nil }
            return Double(limit.rlim_cur)
        }
        let startedAt = startSeconds()
        metrics.computed("process_start_time_seconds", "When the process started, in seconds since 1970.") {
            startedAt
        }
    }

    /// The memory of the process that is in RAM.
    public static func residentBytes() -> Int? {
        // statm: size resident shared text lib data dt, each in pages.
        let fields = readLine(of: "/proc/self/statm").split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else { return nil }
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }

    /// The processor time that all threads have used, in the program and in the kernel.
    public static func processorSeconds() -> Double? {
        var time = timespec()
        guard clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0 else { return nil }
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1_000_000_000
    }

    /// How many file descriptors are open, without the one that counts them.
    public static func openDescriptors() -> Int? {
        guard let folder = opendir("/proc/self/fd") else { return nil }
        defer { closedir(folder) }
        var entries = 0
        while readdir(folder) != nil { entries += 1 }
        // `.`, `..`, and the folder that was opened to count.
        return entries - 3
    }

    /// When the process started, to the tick of the kernel's clock.
    static func startSeconds() -> Double? {
        // Field 22 of stat is the start in ticks since boot. The second field is the program's name in brackets, which
        // may hold spaces and brackets itself: fields are counted from the last bracket, behind which stands the third.
        let stat = readLine(of: "/proc/self/stat")
        guard let bracket = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: bracket)...].split(separator: " ")
        guard fields.count > 19, let ticks = Double(fields[19]) else { return nil }
        var now = timespec()
        var sinceBoot = timespec()
        guard clock_gettime(CLOCK_REALTIME, &now) == 0, clock_gettime(bootClock, &sinceBoot) == 0 else { return nil }
        let booted = Double(now.tv_sec - sinceBoot.tv_sec) + Double(now.tv_nsec - sinceBoot.tv_nsec) / 1_000_000_000
        return booted + ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// The first line of a small file of the kernel, or nothing.
    private static func readLine(of path: String) -> String {
        guard let file = fopen(path, "r") else { return "" }
        defer { fclose(file) }
        var buffer = [CChar](repeating: 0, count: 4096)
        guard fgets(&buffer, Int32(buffer.count), file) != nil else { return "" }
        return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

#if canImport(Glibc)
    private let openFilesLimit = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    private let bootClock = CLOCK_BOOTTIME
#else
    private let openFilesLimit = RLIMIT_NOFILE
    private let bootClock = CLOCK_MONOTONIC
#endif
