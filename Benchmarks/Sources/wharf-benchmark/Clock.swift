import Glibc

/// Monotonic time and this process's own CPU time, in seconds.
enum Clock {
    static var now: Double { read(CLOCK_MONOTONIC) }

    static var ownCPU: Double { read(CLOCK_PROCESS_CPUTIME_ID) }

    private static func read(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return time.seconds
    }
}

extension timespec {
    var seconds: Double { Double(tv_sec) + Double(tv_nsec) / 1e9 }
}
