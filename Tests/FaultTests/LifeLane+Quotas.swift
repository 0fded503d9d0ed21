import AdminClient
import AdminModel
import Foundation
import RegistryTesting
import Testing

/// What there is of something, as the lanes know it.
struct LifeUsage {
    /// The sizes of the blobs that something needs, by digest.
    var blobs: [String: Int] = [:]
    /// The bytes of manifests, which count once in each repository.
    var manifestByteCount = 0
    var tagCount = 0
    var repositoryCount = 0

    mutating func add(_ other: LifeUsage) {
        blobs.merge(other.blobs) { $1 }
        manifestByteCount += other.manifestByteCount
        tagCount += other.tagCount
        repositoryCount += other.repositoryCount
    }

    /// Bytes, tags, repositories.
    var numbers: [Int64] {
        [Int64(blobs.values.reduce(manifestByteCount, +)), Int64(tagCount), Int64(repositoryCount)]
    }
}

/// How much there may be, and how much there is.
extension LifeLane {
    private struct Catalog: Decodable {
        var repositories: [String]
    }

    /// Limits what the lane may have, mostly to more than it has; or limits nothing any more.
    func changeQuota() async throws {
        let place = AdminClient.QuotaPlace.project("lane\(number)")
        // That of some is never taken away: what it counts is then all that has ever changed.
        if Int.random(in: 0..<4, using: &random) == 0, number % 2 == 1 {
            do {
                try await server.manage { try await $0.deleteQuota(of: place) }
            } catch let error as AdminFailure where error.code == .notFound {}
            return count("quota taken away")
        }
        let isTight = Int.random(in: 0..<3, using: &random) == 0
        let change = QuotaChange(
            bytes: Int64.random(in: 0...(isTight ? 300_000 : 1 << 30), using: &random),
            tags: Bool.random(using: &random) ? Int64.random(in: 0...(isTight ? 20 : 1000), using: &random) : nil,
            repositories: Bool.random(using: &random)
                ? Int64.random(in: isTight ? 0...4 : 50...60, using: &random) : nil,
            trash: number.isMultiple(of: 2) ? .free : .counted
        )
        _ = try await server.manage { try await $0.setQuota(of: place, change) }
        count(isTight ? "tight quota" : "wide quota")
    }

    /// What the lane has, when nothing of it is in the trash.
    func usage() async throws -> LifeUsage {
        var usage = LifeUsage()
        for state in states.values {
            usage.tagCount += state.tags.count
            for image in state.manifests.compactMap({ images[$0] }) {
                usage.manifestByteCount += image.manifest.bytes.count
                for blob in image.blobs { usage.blobs[blob.digest] = blob.bytes.count }
            }
        }
        let answer = try await server.client.send("GET", "/v2/_catalog?n=1000", expecting: 200)
        usage.repositoryCount = try JSONDecoder().decode(Catalog.self, from: Data(answer.body)).repositories
            .count { $0.hasPrefix("lane\(number)/") }
        return usage
    }
}

extension LifeWorld {
    /// Throws unless what is counted of something comes to be what there is.
    func demand(_ usage: LifeUsage, of place: AdminClient.QuotaPlace) async throws {
        // One that was taken away counts anew; the other has counted all the time.
        let known = try? await manage { try await $0.quota(of: place) }
        if known == nil { _ = try await manage { try await $0.setQuota(of: place, QuotaChange()) } }
        let end = ContinuousClock.now + .seconds(60)
        while true {
            let quota = try await manage { try await $0.quota(of: place) }
            let counted = [quota.usedBytes, quota.usedTags, quota.usedRepositories]
            if quota.isCounted, counted == usage.numbers { return }
            try #require(
                ContinuousClock.now < end,
                "\(place): \(counted) bytes, tags and repositories are counted, and there are \(usage.numbers)"
            )
            try await Task.sleep(for: .milliseconds(200))
        }
    }
}
