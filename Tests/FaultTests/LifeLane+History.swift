import AdminClient
import AdminModel
import Foundation
import RegistryTesting
import Testing

/// What the server tells of what was: where each tag pointed, and when.
extension LifeLane {
    /// A page of moves, as wharf's extension of the API has it.
    private struct HistoryPage: Decodable {
        struct Move: Decodable {
            var version: Int
            var digest: String?
            var previous: String?
            var movedAt: Instant

            private enum CodingKeys: String, CodingKey {
                case version, digest, previous
                case movedAt = "moved_at"
            }
        }

        var history: [Move]
    }

    /// All moves of a tag, the oldest first; none where there never was one.
    ///
    /// The pages are such that `count` moves are in so many pages, with or without one that is not full.
    func moves(of tag: String, in name: String, expecting count: Int, pages: Int) async throws -> [LifeMove] {
        let limit = max(1, count / pages)
        let path = "/v2/\(name)/_wharf/tags/\(tag)/history"
        var (target, found): (String?, [HistoryPage.Move]) = ("\(path)?n=\(limit)", [])
        while let next = target {
            let answer = try await server.client.http.send(TestRequest("GET", next))
            if answer.status == 404, found.isEmpty { return [] }
            try #require(answer.status == 200, "GET \(next): \(answer.status) \(answer.text.prefix(500))")
            let page = try JSONDecoder().decode(HistoryPage.self, from: Data(answer.body)).history
            try #require(!page.isEmpty && page.count <= limit, "GET \(next): \(page.count) moves of at most \(limit)")
            found += page
            target = try answer[header: "Link"].map { link in
                try #require(link.split(separator: ";").first.flatMap(Self.target), "GET \(next): Link: \(link)")
            }
        }
        found.reverse()
        var before: String?
        for (number, move) in found.enumerated() {
            try #require(
                move.version == number + 1 && move.previous == before && move.digest != before,
                "\(name):\(tag), move \(number + 1) of \(found.count): \(move), after \(before ?? "nothing")"
            )
            before = move.digest
        }
        return found.map {
            LifeMove(digest: $0.digest, earliest: $0.movedAt.microseconds, latest: $0.movedAt.microseconds)
        }
    }

    /// The path of `<https://host/path?query>`, or of `</path?query>`.
    private static func target(_ link: Substring) -> String? {
        let address = link.trimmingCharacters(in: .whitespaces).trimmingPrefix("<").prefix { $0 != ">" }
        return address.firstRange(of: "/v2/").map { String(address[$0.lowerBound...]) }
    }

    /// Looks at all moves of a tag, and at where it pointed at some time.
    func recall(in name: String) async throws {
        guard let state = states[name], let tag = state.history.keys.sorted().randomElement(using: &random),
            let made = state.history[tag]
        else { return }
        let pages = Int.random(in: 1...4, using: &random)
        let place = Int.random(in: 0..<made.count, using: &random)
        let asksByCommand = Int.random(in: 0..<3, using: &random) == 0
        let told = try await moves(of: tag, in: name, expecting: made.count, pages: pages)
        let difference = LifeMove.difference(of: told, from: made)
        try #require(difference == nil, "the history of \(name):\(tag): \(difference ?? "")")
        count("history")
        if asksByCommand { try await demand(tag, in: name, at: place) }
    }

    /// Asks `wharf digest --at` for where a tag pointed between two of its moves, by the time that the lane noted.
    ///
    /// A server that may die meanwhile may leave it without an answer.
    func demand(_ tag: String, in name: String, at place: Int, mayBeLost: Bool = true) async throws {
        guard let state = states[name], let moves = state.history[tag] else { return }
        let start = moves[place].latest
        let end = place + 1 < moves.count ? moves[place + 1].earliest : LifeMove.now
        // So close together that it may be either.
        guard start + 2000 < end else { return }
        let time = Instant(microseconds: (start + end) / 2)
        let command = WharfProcess.command(["digest", "\(server.authority)/\(name):\(tag)", "--at", "\(time)"])
        let said = try await command.run()
        guard [0, 3].contains(said.status) || !mayBeLost else { return count("lost") }
        guard said.status == 0 else {
            let words = moves[place].digest.map { "\($0) was deleted since" } ?? "it was deleted at"
            let isGone = moves[place].digest.map { !state.manifests.contains($0) } ?? true
            try #require(
                isGone && said.standardError.contains(words),
                "\(name):\(tag) at \(time): \(said), not \(words)"
            )
            return count("deleted at a time")
        }
        let found = said.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)
        try #require(found == moves[place].digest, "\(name):\(tag) at \(time): \(said), not \(moves[place])")
        count("at a time")
    }

    /// Asks why something is kept that something needs.
    func explain(in name: String) async throws {
        guard let state = states[name] else { return }
        let buried = state.trash.filter { $0.kind == "manifest" }.compactMap(\.digest)
        let digest = state.manifests.union(buried).sorted().randomElement(using: &random)
        guard let digest, let blob = images[digest]?.blobs.randomElement(using: &random) else { return }
        let fate = try await server.manage { try await $0.fate(of: blob.digest) }
        try #require(
            fate.state == "kept" && fate.goesAt == nil && !fate.holdings.isEmpty
                && fate.holdings.allSatisfy { !$0.manifests.isEmpty },
            "\(name) needs \(blob.digest) for \(digest): \(fate)"
        )
        count("explanation")
    }
}
