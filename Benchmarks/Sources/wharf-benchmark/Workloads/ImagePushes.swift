/// 1000 small images, each of five requests, pushed by eight clients into a repository each.
final class ImagePushes: Workload {
    private static let imageCount = 1000
    private static let clientCount = 8

    let parties = [Party.ours, .peer]
    let rows = [
        Row(
            name: "images",
            work: "push 1000 small images, 8 clients",
            figure: .perSecond,
            cpu: .image,
            targets: [.figure(atLeast: 600), .cpu(atMost: 1.2)]
        )
    ]
    private lazy var images: [Image] = []

    func measure(_ party: Party, on stage: Stage) throws -> [String: Sample] {
        if images.isEmpty { images = stage.payload.images(Self.imageCount) }
        let scripts = (0..<Self.clientCount).map { client in
            let own = stride(from: client, to: images.count, by: Self.clientCount)
            return Step.script(own.flatMap { images[$0].push(to: "bench/images-\(client)", tag: "v\($0)") })
        }
        return try stage.withServer(party) { server in
            let clients = try Clients(Self.clientCount, port: server.port)
            return ["images": try server.measure(operations: Double(images.count)) { try clients.run(scripts) }]
        }
    }
}
