import Foundation

/// A large image copied from a registry to an empty one of the same kind, and into a folder; and all once more.
final class ImageCopies: ToolWorkload {
    /// How often a copy is done again when all is there: one such is short.
    private static let repetitionCount = 10

    let rows: [ToolRow]
    private let party: Party
    private var sourceFolder: String?

    /// `party` is whose server stands at both ends.
    init(_ party: Party) {
        self.party = party
        let name = party == .ours ? "wharf" : "docker-registry"
        let ways = [("copy", "\(name) to \(name)"), ("layout", "\(name) to an OCI folder")]
        rows = ways.flatMap { way, work in
            [
                ToolRow(
                    name: "\(way)-\(party.rawValue)",
                    work: "copy of the image, \(work)",
                    unit: .seconds,
                    wallRatioMax: 0.8,
                    cpuRatioMax: 0.6,
                    memoryMax: 100
                ),
                ToolRow(
                    name: "\(way)-\(party.rawValue)-again",
                    work: "the same again, when all is there",
                    unit: .milliseconds,
                    wallRatioMax: 0.3,
                    memoryMax: 100
                ),
            ]
        }
    }

    func measure(_ tool: Tool, on stage: Stage) throws -> [String: ToolRun] {
        let folder = try sourceFolder ?? stage.makeFolder()
        return try stage.withServer(party, folder: folder) { source in
            if sourceFolder == nil { try push(stage.image, to: source) }
            sourceFolder = folder
            var runs = try stage.withServer(party) { target in
                let runs = try copy(tool, from: source, to: .registry(port: target.port), on: stage, as: "copy")
                try checkImage(stage.image, at: target)
                return runs
            }
            try stage.withNewPath { path in
                let more = try copy(tool, from: source, to: .layout(path), on: stage, as: "layout")
                try checkImage(stage.image, in: path)
                runs.merge(more) { $1 }
            }
            return runs
        }
    }

    private func copy(
        _ tool: Tool,
        from source: Server,
        to target: Tool.Place,
        on stage: Stage,
        as way: String
    ) throws -> [String: ToolRun] {
        let command = tool.copy(from: .registry(port: source.port), to: target, program: stage.program)
        let name = "\(way)-\(party.rawValue)"
        return [
            name: ToolRun(medianOf: try stage.run(command)),
            name + "-again": ToolRun(medianOf: try stage.run(command, times: Self.repetitionCount)),
        ]
    }

    // MARK: The image

    private func push(_ image: Image, to server: Server) throws {
        let clients = try Clients(1, port: server.port)
        try clients.run([Step.script(image.push(to: Tool.repository, tag: Tool.tag))])
    }

    /// The target has the manifest, and each blob in its length.
    private func checkImage(_ image: Image, at server: Server) throws {
        let path = "/v2/\(Tool.repository)"
        let manifest = Step.get(path: "\(path)/manifests/\(Tool.tag)", bodyCount: image.manifest.count)
        let blobs = image.layers.map { Step.get(path: "\(path)/blobs/\($0.digest)", bodyCount: $0.count) }
        try Clients(1, port: server.port).run([Step.script([manifest] + blobs)])
    }

    private func checkImage(_ image: Image, in layout: String) throws {
        for blob in [image.manifest, image.config] + image.layers {
            let path = layout + "/blobs/" + blob.digest.replacing(":", with: "/")
            let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
            guard size == blob.count else { throw Failure("\(path) has \(size ?? 0) bytes, and not \(blob.count)") }
        }
    }
}
