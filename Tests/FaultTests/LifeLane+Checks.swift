import AdminModel
import Foundation
import RegistryTesting
import Testing

/// How a lane looks at what there is.
extension LifeLane {
    private struct TagList: Decodable {
        var tags: [String]?
    }

    private struct ReferrerList: Decodable {
        struct Entry: Decodable {
            var digest: String
        }

        var manifests: [Entry]
    }

    /// What there is of a repository, of the manifests that may be there.
    func look(_ name: String, at digests: Set<String>) async throws -> LifeState {
        try await persist {
            try await world.demandBack()
            var state = LifeState()
            let client = world.client.http
            let list = try await client.send(TestRequest("GET", "/v2/\(name)/tags/list?n=1000"))
            if list.status == 200 {
                for tag in try JSONDecoder().decode(TagList.self, from: Data(list.body)).tags ?? [] {
                    let answer = try await client.send(TestRequest("HEAD", "/v2/\(name)/manifests/\(tag)"))
                    state.tags[tag] = answer[header: "Docker-Content-Digest"] ?? "status \(answer.status)"
                }
            }
            for digest in digests {
                let answer = try await client.send(TestRequest("HEAD", "/v2/\(name)/manifests/\(digest)"))
                if answer.status == 200 { state.manifests.insert(digest) }
            }
            state.trash = try await trash(of: name).map { entry in
                switch entry.kind {
                case "tag": "tag \(entry.tag ?? "") \(entry.digest ?? "")"
                case "manifest": "manifest \(entry.digest ?? "")"
                default: entry.kind
                }
            }
            .sorted()
            return state
        }
    }

    /// Pulls what a tag points to, whole.
    func pull(from name: String) async throws {
        guard let state = states[name], let tag = state.tags.keys.sorted().randomElement(using: &random),
            let digest = state.tags[tag]
        else { return }
        try await world.client.demand("/v2/\(name)/manifests/\(tag)", is: digest)
        try await demandWhole(digest, in: name)
        count("pull")
    }

    private func demandWhole(_ digest: String, in name: String) async throws {
        try await world.client.demand("/v2/\(name)/manifests/\(digest)", is: digest)
        for blob in images[digest]?.blobs ?? [] {
            try await world.client.demand("/v2/\(name)/blobs/\(blob.digest)", is: blob.digest)
        }
    }

    /// Throws unless all is as the lane knows it, and nothing that it deleted is there.
    func demandWhole() async throws {
        for (name, state) in states {
            let seen = try await look(name, at: Set(images.keys))
            try #require(seen == state, "\(name): \(seen), not \(state)")
            for digest in state.manifests {
                try await demandWhole(digest, in: name)
                let answer = try await world.client.send("GET", "/v2/\(name)/referrers/\(digest)", expecting: 200)
                let list = try JSONDecoder().decode(ReferrerList.self, from: Data(answer.body))
                let referrers = state.manifests.filter { images[$0]?.subject == digest }
                try #require(Set(list.manifests.map(\.digest)) == referrers, "\(name): referrers of \(digest)")
            }
        }
    }

    /// The digests of the blobs that its manifests need, live or in the trash.
    var neededBlobs: Set<String> {
        var needed: Set<String> = []
        for state in Array(states.values) + Array(graves.values) {
            let buried = state.trash.filter { $0.hasPrefix("manifest ") }.map { String($0.dropFirst(9)) }
            for digest in state.manifests.union(buried) {
                needed.formUnion((images[digest]?.blobs ?? []).map(\.digest))
            }
        }
        return needed
    }
}
