/// A manifest by tag and a blob of 4 KiB, read over and over by 32 clients.
final class SmallReads: Workload {
    static let clientCount = 32
    private static let secondsMax = 1.5
    /// Not measured: the first requests open files and fill caches.
    private static let warmUpSeconds = 0.2

    let parties = Party.allCases
    let rows = [
        Row(
            name: "manifest",
            work: "GET manifest by tag, 400 B",
            figure: .perSecond,
            cpu: .request,
            targets: [.cpu(atMost: 25), .cpuToNginx(atMost: 1.6)]
        ),
        Row(
            name: "blob-4k",
            work: "GET blob, 4 KiB",
            figure: .perSecond,
            cpu: .request,
            targets: [.cpu(atMost: 30)]
        ),
    ]

    func measure(_ party: Party, on stage: Stage) throws -> [String: Sample] {
        let layer = stage.payload.small
        let image = Image(layer: layer, number: 0)
        let files = party == .nginx ? ["manifest": image.manifest, "blob": layer] : [:]
        return try stage.withServer(party, files: files) { server in
            let clients = try Clients(Self.clientCount, port: server.port)
            var manifestPath = "/manifest"
            var layerPath = "/blob"
            if party != .nginx {
                try clients.run([Step.script(image.push(to: "bench/small", tag: "latest"))])
                manifestPath = "/v2/bench/small/manifests/latest"
                layerPath = "/v2/bench/small/blobs/\(layer.digest)"
            }
            return [
                "manifest": try Reads(path: manifestPath, bodyCount: image.manifest.count, clients: clients)
                    .sample(of: server),
                "blob-4k": try Reads(path: layerPath, bodyCount: layer.count, clients: clients).sample(of: server),
            ]
        }
    }

    /// The same GET over and over, by each of some clients.
    struct Reads {
        let path: String
        let bodyCount: Int
        let clients: Clients

        /// Reads for a moment that is not measured, and then for one that is.
        func sample(of server: Server) throws -> Sample {
            _ = try run(seconds: warmUpSeconds)
            return try server.measure { try run(seconds: secondsMax) }
        }

        /// Reads for so long, and returns how many answers came.
        private func run(seconds: Double) throws -> Double {
            let request = Request("GET", path, headers: ["Accept: \(Blob.manifestMediaType)"])
            let end = Clock.now + seconds
            var count = 0
            let script: Script = { response in
                if let response {
                    try response.expect(200, bodyCount: bodyCount)
                    count += 1
                }
                return Clock.now < end ? request : nil
            }
            try clients.run(Array(repeating: script, count: SmallReads.clientCount))
            return Double(count)
        }
    }
}
