/// 32 pushes and 32 pulls of 256 MiB at the same time: what they need of memory.
final class TransfersAtOnce: Workload {
    private static let transferCount = 32

    let parties = [Party.ours, .peer]
    let peerRoundsMax = 1
    let rows = [
        Row(
            name: "memory",
            work: "32 pushes and 32 pulls of 256 MiB at once, peak memory",
            figure: .memory,
            cpu: .transfer,
            targets: [.figure(atMost: 150)]
        )
    ]

    func measure(_ party: Party, on stage: Stage) throws -> [String: Sample] {
        let blobs = stage.payload.medium(Self.transferCount + 1)
        let pulled = blobs[Self.transferCount]
        let path = "/v2/bench/pulled/blobs/\(pulled.digest)"
        let pull = [Step.get(path: path, bodyCount: pulled.count)]
        let pushes = blobs.prefix(Self.transferCount).enumerated().map { Step.push($1, to: "bench/pushed-\($0)") }
        let scripts = pushes.flatMap { [Step.script($0), Step.script(pull)] }
        return try stage.withServer(party) { server in
            try Clients(1, port: server.port).run([Step.script(Step.push(pulled, to: "bench/pulled"))])
            let clients = try Clients(scripts.count, port: server.port)
            let size = Double(scripts.count * Payload.mediumSize) / Double(1 << 30)
            var sample = try server.measure(operations: size) { try clients.run(scripts) }
            sample.value = server.peakMemory
            return ["memory": sample]
        }
    }
}
