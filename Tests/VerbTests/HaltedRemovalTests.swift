import RegistryTesting
import Synchronization
import Testing

/// A registry with two images, each with its tag, that may fail when one of them is deleted.
private final class TwoImages: Sendable {
    /// The images in the order in which they are deleted: that of their digests.
    let images: [HostileImage]
    /// What does not go as it should.
    let fault: Fault
    private let gone = Mutex<Set<String>>([])
    private let looks = Mutex(0)

    enum Fault: Sendable {
        case none
        /// The registry does not let the caller delete the first image.
        case refusal
        /// The tag of the first image is gone when it is to be taken away.
        case goneTag
        /// It goes between the look at it and its deletion.
        case goneTagLate
    }

    init(_ fault: Fault) {
        self.fault = fault
        images = [1, 2].map { HostileImage(layer: SampleBlob(count: 10, seed: $0)) }
            .sorted { $0.manifest.digest < $1.manifest.digest }
    }

    /// The digest of an image.
    func digest(_ index: Int) -> String { images[index].manifest.digest }

    func answer(_ asked: Asked) -> Said {
        let path = String(asked.target.prefix { $0 != "?" })
        if path == "/v2/" { return .json(200, "{}") }
        if path == "/v2/team/app/tags/list" {
            let tags = gone.withLock { gone in ["a", "b"].filter { !gone.contains($0) } }
            let texts = (tags + tags).map { "\"\($0)\"" }.joined(separator: ",")
            return .json(200, #"{"name":"team/app","tags":[\#(texts)]}"#)
        }
        if path.contains("/blobs/") { return images[0].answer(asked) }
        let name = String(path.split(separator: "/").last ?? "")
        guard let index = ["a", "b"].firstIndex(of: name) ?? images.firstIndex(where: { $0.manifest.digest == name })
        else { return Self.unknown }
        return asked.method == "DELETE" ? delete(name, index) : show(name, index, asked.method == "HEAD")
    }

    private func delete(_ name: String, _ index: Int) -> Said {
        if fault == .refusal, name == digest(0) {
            return .json(403, #"{"errors":[{"code":"DENIED","message":"not you"}]}"#)
        }
        let isNew = gone.withLock { $0.insert(name).inserted }
        return isNew && !(fault == .goneTagLate && name == "a") ? .answer(202) : Self.unknown
    }

    private func show(_ name: String, _ index: Int, _ isHead: Bool) -> Said {
        if name == "a", isHead, fault == .goneTag {
            // It is looked where it points when it is found out what is to go, and again before it is taken away.
            let isFirst = looks.withLock { looks in
                looks += 1
                return looks == 1
            }
            if !isFirst { gone.withLock { _ = $0.insert(name) } }
        }
        guard !gone.withLock({ $0.contains(name) }) else { return Self.unknown }
        let manifest = images[index].manifest
        let fields = [("Content-Type", manifest.mediaType), ("Docker-Content-Digest", manifest.digest)]
        return .answer(200, fields, isHead ? [] : manifest.bytes, length: manifest.bytes.count)
    }

    private static let unknown = Said.json(404, #"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"none"}]}"#)

    /// Runs `wharf` with the repository as its last argument; `body` gets what came of it, and what was deleted.
    func run(
        _ command: [String],
        _ body: @Sendable (HostileRegistry, HostileRegistry.Outcome, [String]) async throws -> Void
    ) async throws {
        try await HostileServer.run({ asked, _ in self.answer(asked) }) { server in
            let registry = HostileRegistry(server: server, folder: try TemporaryFolder())
            let outcome = try await registry.run(command + ["\(registry.authority)/team/app"])
            let deleted = server.asked.filter { $0.method == "DELETE" }
                .map { String($0.target.split(separator: "/").last ?? "") }
            try await body(registry, outcome, deleted)
        }
    }
}

@Suite("Deletions that break off")
struct HaltedRemovalTests {
    static let commands = [["delete", "--repository", "--yes"], ["prune", "--include", "*", "--yes"]]

    @Test("one image after the other is deleted, each tag once, however often it is listed", arguments: commands)
    func order(command: [String]) async throws {
        let party = TwoImages(.none)
        try await party.run(command) { _, outcome, deleted in
            #expect(outcome.status == 0, "\(outcome)")
            #expect(deleted == ["a", party.digest(0), "b", party.digest(1)])
        }
    }

    @Test("it is said how to go on, and the tags of the images behind stay", arguments: commands)
    func refused(command: [String]) async throws {
        let party = TwoImages(.refusal)
        try await party.run(command) { registry, outcome, deleted in
            #expect(outcome.status == 4 && outcome.standardOutput == "", "\(outcome)")
            let mend = "`wharf delete \(registry.authority)/team/app@\(party.digest(0))`"
            #expect(outcome.standardError.contains(mend), "\(outcome)")
            #expect(deleted == ["a", party.digest(0)])
        }
    }

    @Test("a tag that is gone already keeps no image", arguments: commands, [true, false])
    func gone(command: [String], isLate: Bool) async throws {
        let party = TwoImages(isLate ? .goneTagLate : .goneTag)
        try await party.run(command) { _, outcome, deleted in
            #expect(outcome.status == 0, "\(outcome)")
            #expect(deleted.filter { $0.count > 1 } == [party.digest(0), party.digest(1)], "\(outcome)")
        }
    }
}
