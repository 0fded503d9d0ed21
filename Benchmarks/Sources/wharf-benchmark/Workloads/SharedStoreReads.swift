/// A manifest by tag, read over and over of a server whose metadata is in PostgreSQL: asked of it each time.
final class SharedStoreReads: Workload {
    let parties = [Party.ours]
    let rows = [
        Row(
            name: "postgresql-manifest",
            work: "GET manifest by tag, 400 B, on PostgreSQL",
            figure: .perSecond,
            cpu: .request,
            targets: [.cpu(atMost: 60)]
        )
    ]

    func measure(_ party: Party, on stage: Stage) throws -> [String: Sample] {
        let image = Image(layer: stage.payload.small, number: 0)
        let stores = try SharedStores()
        defer { stores.stop() }
        let variables = try stores.variables()
        return try stage.withServer(party, folder: try stage.makeFolder(), variables: variables) { server in
            let clients = try Clients(SmallReads.clientCount, port: server.port)
            try clients.run([Step.script(image.push(to: "bench/small", tag: "latest"))])
            let path = "/v2/bench/small/manifests/latest"
            let reads = SmallReads.Reads(path: path, bodyCount: image.manifest.count, clients: clients)
            return ["postgresql-manifest": try reads.sample(of: server)]
        }
    }
}
