/// The pages of a repository of a million tags, which are made once, in pushes that name many.
///
/// Only ours: the peer has no such push, and a million single ones would take it most of an hour.
final class ManyTags: Workload {
    private static let tagCount = 1_000_000
    private static let tagsPerPush = 1000
    private static let clientCount = 4
    private static let repository = "bench/many"

    let parties = [Party.ours]
    let rows = [TagList.row("tags-list-1m", "1,000,000")]
    private var filledFolder: String?

    func measure(_ party: Party, on stage: Stage) throws -> [String: Sample] {
        let folder = try filledFolder ?? stage.makeFolder()
        return try stage.withServer(party, folder: folder) { server in
            if filledFolder == nil { try fill(server, image: Image(layer: stage.payload.small, number: 0)) }
            filledFolder = folder
            let list = TagList(repository: Self.repository, tagCount: Self.tagCount)
            return ["tags-list-1m": try list.measure(server)]
        }
    }

    private func fill(_ server: Server, image: Image) throws {
        let clients = try Clients(Self.clientCount, port: server.port)
        try clients.run([Step.script(image.push(to: Self.repository, tag: TagList.tag(0)))])
        let pushes = stride(from: 0, to: Self.tagCount, by: Self.tagsPerPush).map { first in
            let tags = (first..<first + Self.tagsPerPush).map { "tag=\(TagList.tag($0))" }.joined(separator: "&")
            let reference = "\(image.manifest.digest)?\(tags)"
            return Step.putManifest(repository: Self.repository, reference: reference, image.manifest)
        }
        let scripts = (0..<Self.clientCount).map { client in
            Step.script(stride(from: client, to: pushes.count, by: Self.clientCount).map { pushes[$0] })
        }
        try clients.run(scripts)
    }
}
