/// Small images pushed by twenty clients at once into one project, without a quota and with one: what it costs.
///
/// With PostgreSQL the bytes lie in files, so that no bucket hides what the database takes.
final class QuotaPushes: Workload {
    private static let imageCount = 800
    private static let clientCount = 20
    /// Each kind goes first as often as the other.
    private static let order = [false, true, true, false]

    let parties = [Party.ours]
    let rows: [Row]
    private let isShared: Bool
    private lazy var images: [Image] = []

    /// - Parameter isShared: Whether the metadata is in PostgreSQL.
    init(isShared: Bool) {
        self.isShared = isShared
        rows = [false, true].map { isLimited in
            let place = isShared ? ", on PostgreSQL" : ""
            return Row(
                name: Self.name(isShared, isLimited),
                work: "push small images, 20 clients, one project \(isLimited ? "with" : "without") a quota\(place)",
                figure: .perSecond,
                cpu: .image,
                targets: []
            )
        }
    }

    private static func name(_ isShared: Bool, _ isLimited: Bool) -> String {
        "quota-\(isShared ? "postgresql-" : "")\(isLimited ? "with" : "without")"
    }

    func measure(_ party: Party, on stage: Stage) throws -> [String: Sample] {
        if images.isEmpty { images = stage.payload.images(Self.imageCount) }
        let stores = isShared ? try SharedStores() : nil
        defer { stores?.stop() }
        var samples: [String: Sample] = [:]
        for isLimited in Self.order {
            let variables = try stores?.variables().filter { $0.hasPrefix("WHARF_POSTGRESQL") } ?? []
            let folder = try stage.makeFolder()
            let sample = try stage.withServer(party, folder: folder, variables: variables) { server in
                if isLimited { try limit(stage, folder) }
                let clients = try Clients(Self.clientCount, port: server.port)
                return try server.measure(operations: Double(images.count)) { try clients.run(scripts()) }
            }
            let name = Self.name(isShared, isLimited)
            samples[name] = samples[name].map { $0 + sample } ?? sample
        }
        return samples
    }

    /// Gives the project a quota of bytes and tags that nothing reaches.
    private func limit(_ stage: Stage, _ folder: String) throws {
        let options = ["--size", "1TiB", "--tags", "1000000", "--data", folder + "/data"]
        let command = [stage.program, "quota", "set", "bench"] + options
        try ChildProcess(command, output: folder + "/quota").waitForSuccess()
    }

    /// What each client does, once.
    private func scripts() -> [Script] {
        (0..<Self.clientCount).map { client in
            let own = stride(from: client, to: images.count, by: Self.clientCount)
            return Step.script(own.flatMap { images[$0].push(to: "bench/images-\(client)", tag: "v\($0)") })
        }
    }
}

extension Sample {
    /// Both, one after the other.
    fileprivate static func + (first: Sample, second: Sample) -> Sample {
        Sample(
            operations: first.operations + second.operations,
            wall: first.wall + second.wall,
            serverCPU: first.serverCPU + second.serverCPU,
            clientCPU: first.clientCPU + second.clientCPU
        )
    }
}
