/// 10,000 tags put one by one into one repository, and then listed.
final class TagPushes: Workload {
    private static let tagCount = 10_000
    private static let clientCount = 16
    private static let repository = "bench/tags"

    let parties = [Party.ours, .peer]
    let rows = [
        Row(
            name: "tags-put",
            work: "put 10,000 tags, 16 connections",
            figure: .seconds,
            cpu: .request,
            targets: [.figure(atMost: 3)]
        ),
        TagList.row("tags-list-10k", "10,000"),
    ]

    func measure(_ party: Party, on stage: Stage) throws -> [String: Sample] {
        let image = Image(layer: stage.payload.small, number: 0)
        let scripts = (0..<Self.clientCount).map { client in
            let own = stride(from: client, to: Self.tagCount, by: Self.clientCount)
            return Step.script(
                own.map { .putManifest(repository: Self.repository, reference: TagList.tag($0), image.manifest) }
            )
        }
        return try stage.withServer(party) { server in
            let clients = try Clients(Self.clientCount, port: server.port)
            try clients.run([Step.script(image.push(to: Self.repository, tag: TagList.tag(0)))])
            return [
                "tags-put": try server.measure(operations: Double(Self.tagCount)) { try clients.run(scripts) },
                "tags-list-10k": try TagList(repository: Self.repository, tagCount: Self.tagCount).measure(server),
            ]
        }
    }
}
