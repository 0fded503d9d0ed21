import RegistryTesting
import Testing

/// Blobs that nothing names for a while, and what comes to name them when they are on their way out.
extension LifeLane {
    /// How many a lane leaves before one of them is named: by then it has left its repository, or is gone.
    private static let strayCountMin = 5

    /// Uploads a blob that no manifest names; some are deleted at once.
    func stray(in name: String) async throws {
        let blob = SampleBlob(count: .random(in: 100...9000, using: &random), seed: random.next())
        let isDeleted = Bool.random(using: &random)
        strays.append(blob)
        try await server.client.push(blob, to: name)
        let told = ContinuousClock.now
        count("stray")
        guard isDeleted else { return }
        let answer = try await server.client.http.send(TestRequest("DELETE", "/v2/\(name)/blobs/\(blob.digest)"))
        // Only where the collection may have been faster.
        let isLate = answer.status == 404 && ContinuousClock.now - told > LifeServer.grace * 0.9
        try #require(answer.status == 202 || isLate, "\(name), deletion of \(blob.digest): \(answer)")
        count("deletion of a stray")
    }

    /// One that an image is to have; nil where there are few, or mostly.
    func takeStray() -> SampleBlob? {
        let isTaken = Bool.random(using: &random)
        guard isTaken, strays.count > Self.strayCountMin else { return nil }
        return strays.remove(at: .random(in: 0..<strays.count, using: &random))
    }
}
