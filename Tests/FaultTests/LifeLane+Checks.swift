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

    /// What there is of a repository that is one of some, with the moves of tags in which they differ.
    func look(_ name: String, among states: [LifeState]) async throws -> LifeState {
        let tags = Set(states.flatMap(\.history.keys)).filter { tag in
            Set(states.map { $0.history[tag]?.count ?? 0 }).count > 1
        }
        let digests = states.reduce(into: Set<String>()) { $0.formUnion($1.manifests) }
        let counts = tags.map { tag in (tag, states.map { $0.history[tag]?.count ?? 0 }.max() ?? 0) }
        return try await look(name, at: digests, movesOf: Dictionary(uniqueKeysWithValues: counts))
    }

    /// What there is of a repository, of the manifests and of the moves of tags that may be there.
    private func look(_ name: String, at digests: Set<String>, movesOf tags: [String: Int]) async throws -> LifeState {
        try await persist {
            try await server.demandBack()
            var state = LifeState()
            let client = server.client.http
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
            for (tag, count) in tags {
                state.history[tag] = try await moves(of: tag, in: name, expecting: count, pages: 1 + count % 3)
            }
            state.trash = try await trash(of: name).map { LifeTrash($0) }
            return state
        }
    }

    /// Pulls what a tag points to, whole.
    func pull(from name: String) async throws {
        guard let state = states[name], let tag = state.tags.keys.sorted().randomElement(using: &random),
            let digest = state.tags[tag]
        else { return }
        try await server.client.demand("/v2/\(name)/manifests/\(tag)", is: digest)
        try await demandWhole(digest, in: name)
        count("pull")
    }

    private func demandWhole(_ digest: String, in name: String) async throws {
        try await server.client.demand("/v2/\(name)/manifests/\(digest)", is: digest)
        for blob in images[digest]?.blobs ?? [] {
            try await server.client.demand("/v2/\(name)/blobs/\(blob.digest)", is: blob.digest)
        }
    }

    /// Throws unless all is as the lane knows it, and nothing that it deleted is there.
    func demandWhole() async throws {
        for (name, state) in states {
            let seen = try await look(name, at: Set(images.keys), movesOf: state.history.mapValues(\.count))
            let differences = state.differences(of: seen)
            try #require(differences.isEmpty, "\(name): \(differences)")
            for digest in state.manifests {
                try await demandWhole(digest, in: name)
                try await demandReferrers(of: digest, in: name)
            }
        }
    }

    /// Throws unless the manifests are told that are about one.
    func demandReferrers(of digest: String, in name: String) async throws {
        let answer = try await server.client.send("GET", "/v2/\(name)/referrers/\(digest)", expecting: 200)
        let told = Set(try JSONDecoder().decode(ReferrerList.self, from: Data(answer.body)).manifests.map(\.digest))
        let known = (states[name]?.manifests ?? []).filter { images[$0]?.subject == digest }
        try #require(told == known, "\(name): the referrers of \(digest) are \(told), and not \(known)")
    }

    /// Throws unless tags are told to have pointed where they did, some at some time.
    func demandPast() async throws {
        for name in states.keys.sorted() {
            guard let history = states[name]?.history, let tag = history.keys.sorted().randomElement(using: &random)
            else { continue }
            let place = Int.random(in: 0..<(history[tag]?.count ?? 1), using: &random)
            try await demand(tag, in: name, at: place, mayBeLost: false)
        }
    }

    /// The digests of the blobs that its manifests need, live or in the trash.
    var neededBlobs: Set<String> {
        var needed: Set<String> = []
        for state in Array(states.values) + Array(graves.values) {
            let buried = state.trash.filter { $0.kind == "manifest" }.compactMap(\.digest)
            for digest in state.manifests.union(buried) {
                needed.formUnion((images[digest]?.blobs ?? []).map(\.digest))
            }
        }
        return needed
    }
}
