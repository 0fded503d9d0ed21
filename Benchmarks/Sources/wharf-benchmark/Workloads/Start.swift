import Glibc

/// From the start of the process to its first answer, and what it holds when it has nothing to do.
final class Start: Workload {
    private static let idle: useconds_t = 500_000

    let parties = Party.allCases
    let rows = [
        Row(
            name: "idle",
            work: "idle memory",
            figure: .memory,
            cpu: .image,
            targets: [.figure(atMost: 40)]
        ),
        Row(
            name: "start",
            work: "start to first 200",
            figure: .milliseconds,
            cpu: .image,
            targets: [.figure(atMost: 60)]
        ),
    ]

    func measure(_ party: Party, on stage: Stage) throws -> [String: Sample] {
        let files = party == .nginx ? ["manifest": Blob("{}")] : [:]
        return try stage.withServer(party, files: files) { server in
            let used = try ProcessTree.cpuSeconds(of: server.processes)
            let value = server.startSeconds * 1000
            let start = Sample(operations: 1, wall: server.startSeconds, serverCPU: used, clientCPU: 0, value: value)
            var idle = try server.measure(operations: 1) { usleep(Self.idle) }
            idle.value = server.residentMemory
            return ["start": start, "idle": idle]
        }
    }
}
