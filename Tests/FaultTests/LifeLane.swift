import AdminClient
import AdminModel
import Foundation
import RegistryTesting
import Testing

/// A client that owns some repositories, does anything to them at random, and knows what must be there.
///
/// What it was not answered, since the server died, may have happened or not: it looks, and takes only one of the two.
actor LifeLane {
    private static let pool = (0..<24).map { SampleBlob(count: 300 + 997 * $0, seed: 5000 + UInt64($0)) }
    private static let type = "application/vnd.oci.image.layer.v1.tar+gzip"
    static let tags = (0..<5).map { "v\($0)" }

    let number: Int
    let server: LifeServer
    private let laneCount: Int
    var random: SeededGenerator
    /// The repositories that there are or were, by name.
    var states: [String: LifeState]
    /// What was in repositories that are in the trash, by the number of the deletion.
    var graves: [Int64: LifeState] = [:]
    /// All that was ever pushed, by digest.
    var images: [String: LifeImage] = [:]
    /// Blobs that were uploaded, and that nothing names yet.
    var strays: [SampleBlob] = []
    private(set) var tally: [String: Int] = [:]

    init(number: Int, server: LifeServer, laneCount: Int) {
        (self.number, self.server, self.laneCount) = (number, server, laneCount)
        random = SeededGenerator(seed: LifeWorld.seed &+ UInt64(number + 1) &* 1_000_003)
        states = ["lane\(number)/a": LifeState(), "lane\(number)/b": LifeState()]
    }

    func count(_ what: String) { tally[what, default: 0] += 1 }

    /// Does something; what a quota refuses changes nothing.
    func act() async throws {
        guard let name = states.keys.sorted().randomElement(using: &random) else { return }
        let choice = Int.random(in: 0..<100, using: &random)
        do {
            switch choice {
            case ..<30: try await push(to: name)
            case ..<35: try await pushIndex(to: name)
            case ..<45: try await pull(from: name)
            case ..<52: try await deleteTag(in: name)
            case ..<61: try await deleteManifest(in: name)
            case ..<70: try await restore(in: name)
            case ..<74: try await purge(in: name)
            case ..<78: try await rollBack(in: name)
            case ..<80: try await giveUp(in: name)
            case ..<84: try await stray(in: name)
            case ..<88: try await recall(in: name)
            case ..<90: try await explain(in: name)
            case ..<92: try await deleteRepository(name)
            case ..<95: try await lock(in: name)
            case ..<97: try await close(name)
            case ..<99: try await changeQuota()
            default: try await collect()
            }
        } catch let error where LifeWorld.isLost(error) {
            // Nothing that the lane knows has changed by it.
            count("lost")
            try await server.demandBack()
        } catch let error where LifeWorld.isOverQuota(error) {
            count("refusal by a quota")
        } catch {
            throw Failure(lane: number, repository: name, choice: choice, underlying: error)
        }
    }

    /// What went wrong where.
    struct Failure: Error {
        var lane: Int
        var repository: String
        var choice: Int
        var underlying: any Error
    }

    // MARK: Changes

    /// Sends a request that makes one state of another; where its answer is lost, looks which of them there is.
    ///
    /// Says whether it has happened.
    @discardableResult
    func change(
        _ name: String,
        _ what: String,
        to after: LifeState,
        _ request: () async throws -> Void
    ) async throws -> Bool {
        let before = states[name] ?? LifeState()
        do {
            try await request()
            states[name] = after.settled()
            count(what)
            return true
        } catch let error where LifeWorld.isLost(error) {
            count("lost")
            let seen = try await look(name, among: [before, after])
            let differences = [before, after].map { $0.differences(of: seen) }
            try #require(
                differences.contains([]),
                "\(name), \(what), not done: \(differences[0]); done: \(differences[1])"
            )
            let isDone = differences[1].isEmpty
            states[name] = (isDone ? after : before).settled()
            return isDone
        }
    }

    private func put(_ image: LifeImage, to name: String, as tag: String, _ what: String) async throws {
        images[image.manifest.digest] = image
        let after = (states[name] ?? LifeState()).adding(image.manifest.digest, as: tag)
        try await change(name, what, to: after) { try await server.client.push(image.manifest, to: name, as: tag) }
    }

    private func push(to name: String) async throws {
        guard let state = states[name], state.manifests.count < 15 else { return try await deleteManifest(in: name) }
        var blobs = Array(Self.pool.shuffled(using: &random).prefix(Int.random(in: 1...3, using: &random)))
        if let stray = takeStray() { blobs[0] = stray }
        let salt = Int.random(in: 0..<1_000_000_000, using: &random)
        blobs.append(SampleBlob(#"{"architecture":"amd64","os":"linux","lane":\#(number),"salt":\#(salt)}"#))
        let isReferrer = Int.random(in: 0..<6, using: &random) == 0
        let subject = isReferrer ? state.manifests.sorted().randomElement(using: &random) : nil
        // What nothing but its subject holds goes when that is purged: a tag of its own holds a referrer.
        let tag = subject == nil ? Self.tags.randomElement(using: &random) ?? "v0" : "about\(salt)"
        let ways = blobs.map { _ in Int.random(in: 0..<3, using: &random) }
        let other = "lane\(Int.random(in: 0..<laneCount, using: &random))/a"
        let about = subject.flatMap { images[$0] }.map { ",\"subject\":\($0.manifest.descriptor())" } ?? ""
        let config = blobs[blobs.count - 1].descriptor("application/vnd.oci.image.config.v1+json")
        let layers = blobs.dropLast().map { $0.descriptor(Self.type) }
        let image = LifeImage(
            manifest: .image(config: config, layers: layers, extra: about),
            blobs: blobs,
            subject: subject
        )
        let begun = ContinuousClock.now
        for (blob, way) in zip(blobs, ways) { try await bring(blob, to: name, from: other, way) }
        do {
            try await put(image, to: name, as: tag, subject == nil ? "push" : "push of a referrer")
        } catch let refused as ServerClient.Refused where refused.answer.text.contains("MANIFEST_BLOB_UNKNOWN") {
            // Only for a client that took longer than what it was told holds.
            let duration = ContinuousClock.now - begun
            try #require(duration > LifeServer.quarantine * 0.9, "\(refused), after \(duration)")
            count("late push")
        }
    }

    /// Sees to it that a repository has a blob, as clients do: it asks, mounts, or uploads whole or in chunks.
    private func bring(_ blob: SampleBlob, to name: String, from other: String, _ way: Int) async throws {
        let client = server.client
        let head = TestRequest("HEAD", "/v2/\(name)/blobs/\(blob.digest)")
        if try await client.http.send(head).status == 200 { return count("blob left out") }
        if way == 0 { return try await client.push(blob, to: name) }
        if way == 1 {
            let path = "/v2/\(name)/blobs/uploads/?mount=\(blob.digest)&from=\(other)"
            if try await client.http.send(TestRequest("POST", path)).status == 201 { return count("mount") }
        }
        let half = blob.bytes.count / 2
        let location = try await client.start(in: name)
        try await client.patch(location, Array(blob.bytes[..<half]), at: 0)
        try await client.finish(location, blob.digest, Array(blob.bytes[half...]))
    }

    private func pushIndex(to name: String) async throws {
        let children = (states[name]?.manifests ?? []).sorted().shuffled(using: &random).prefix(2)
        guard !children.isEmpty else { return try await push(to: name) }
        let salt = Int.random(in: 0..<1_000_000_000, using: &random)
        let note = #","annotations":{"lane":"\#(number)","salt":"\#(salt)"}"#
        let manifest = SampleManifest.index(
            of: children.compactMap { images[$0]?.manifest.descriptor() },
            extra: note
        )
        try await put(LifeImage(manifest: manifest), to: name, as: "index\(salt % 3)", "push of an index")
    }

    private func rollBack(in name: String) async throws {
        guard let digest = states[name]?.manifests.sorted().randomElement(using: &random), let image = images[digest]
        else { return }
        try await put(image, to: name, as: Self.tags.randomElement(using: &random) ?? "v0", "rollback")
    }

    private func giveUp(in name: String) async throws {
        guard let blob = Self.pool.randomElement(using: &random) else { return }
        let location = try await server.client.start(in: name)
        try await server.client.patch(location, Array(blob.bytes[..<100]), at: 0)
        try await server.client.send("DELETE", location, expecting: 204)
        count("upload given up")
    }

    private func deleteTag(in name: String) async throws {
        guard let state = states[name],
            let tag = state.tags.keys.filter({ !$0.hasPrefix("about") }).sorted().randomElement(using: &random)
        else { return }
        try await change(name, "deletion of a tag", to: state.deleting(tag: tag)) {
            try await server.client.send("DELETE", "/v2/\(name)/manifests/\(tag)", expecting: 202)
        }
    }

    private func deleteManifest(in name: String) async throws {
        guard let state = states[name], let digest = state.manifests.sorted().randomElement(using: &random) else {
            return
        }
        try await change(name, "deletion", to: state.deleting(manifest: digest)) {
            try await server.client.send("DELETE", "/v2/\(name)/manifests/\(digest)", expecting: 202)
        }
    }

    private func collect() async throws {
        _ = try await server.manage { try await $0.run(NewJob(kind: "gc.run")) }
        count("collection")
    }
}
