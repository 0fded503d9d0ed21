/// Small images, each of five requests, pushed by eight clients to one, two and three servers over the same stores.
///
/// All of it runs on one machine, PostgreSQL, rclone and the clients included: what several servers cost is shown by
/// their CPU, and not by the rate.
final class ReplicaPushes: Workload {
    private static let imageCount = 200
    private static let clientCount = 8
    private static let counts = 1...3

    let parties = [Party.ours]
    let rows = counts.map { count in
        Row(
            name: "replicas-\(count)",
            work: "push \(imageCount) small images, 8 clients, \(count) replicas on PostgreSQL and S3",
            figure: .perSecond,
            cpu: .image,
            targets: []
        )
    }
    private lazy var images: [Image] = []

    func measure(_ party: Party, on stage: Stage) throws -> [String: Sample] {
        if images.isEmpty { images = stage.payload.images(Self.imageCount) }
        let stores = try SharedStores()
        defer { stores.stop() }
        var samples: [String: Sample] = [:]
        for count in Self.counts {
            let variables = try stores.variables()
            samples["replicas-\(count)"] = try stage.withServers(count, variables: variables) { servers in
                let ports = (0..<Self.clientCount).map { servers[$0 % servers.count].port }
                let clients = try Clients(ports: ports)
                let scripts = scripts()
                return try Server.measure(servers, operations: Double(images.count)) { try clients.run(scripts) }
            }
        }
        return samples
    }

    /// What each client does, once.
    private func scripts() -> [Script] {
        (0..<Self.clientCount).map { client in
            let own = stride(from: client, to: images.count, by: Self.clientCount)
            return Step.script(own.flatMap { images[$0].push(to: "bench/images-\(client)", tag: "v\($0)") })
        }
    }
}
