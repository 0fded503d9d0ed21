import Glibc

/// A blob of 1 GiB over plain HTTP/1.1: pushed, then pulled from the page cache.
final class LargeBlob: Workload {
    /// One pull is short; several in a row measure finer.
    private static let pullCount = 3

    let parties = Party.allCases
    let rows = [
        Row(
            name: "pull-1g",
            work: "GET blob, 1 GiB, from page cache",
            figure: .throughput,
            cpu: .transfer,
            targets: [.cpuToNginx(atMost: 1.2), .figureToNginx(atLeast: 0.8)]
        ),
        Row(
            name: "push-1g",
            work: "push blob, 1 GiB",
            figure: .throughput,
            cpu: .transfer,
            targets: [.cpu(atMost: 1.4)]
        ),
    ]

    func measure(_ party: Party, on stage: Stage) throws -> [String: Sample] {
        let blob = stage.payload.large
        let files = party == .nginx ? ["manifest": Blob("{}"), "large": blob] : [:]
        return try stage.withServer(party, files: files) { server in
            let clients = try Clients(1, port: server.port)
            var samples: [String: Sample] = [:]
            var path = "/large"
            if party != .nginx {
                samples["push-1g"] = try server.measure(operations: 1) {
                    try clients.run([Step.script(Step.push(blob, to: "bench/large"))])
                }
                path = "/v2/bench/large/blobs/\(blob.digest)"
            }
            // What was written must not be on its way to the disk while the next is timed.
            sync()
            let pulls = Array(repeating: Step.get(path: path, bodyCount: blob.count), count: Self.pullCount)
            samples["pull-1g"] = try server.measure(operations: Double(Self.pullCount)) {
                try clients.run([Step.script(pulls)])
            }
            return samples
        }
    }
}
