import OCI
import RegistryContract
import RegistryTesting

/// A few names of each kind, and what a client with them might do next.
struct RandomWorld {
    /// An upload as its client sees it.
    private struct Upload {
        var blob: SampleBlob
        var repository: RepositoryName
        var sent = 0
    }

    private let repositories: [RepositoryName]
    private let blobs: [SampleBlob]
    private let manifests: [SampleManifest]
    private let subjects: [Digest]
    private let tags: [Tag]
    private var uploads: [Upload] = []
    private var random: SeededGenerator

    init(seed: UInt64) throws {
        random = SeededGenerator(seed: seed)
        repositories = try ["a", "a/b", "b"].map { try RepositoryName($0) }
        let images = (0..<3).map { SampleImage(seed: $0, layerSize: 50, algorithm: $0 == 2 ? .sha512 : .sha256) }
        blobs = images.flatMap(\.blobs) + [SampleBlob.emptyJSON, SampleBlob(""), SampleBlob(count: 70_000, seed: 9)]
        let targets = images.map(\.manifest) + [SampleManifest.index(of: [])]
        let referrers = targets.prefix(2).flatMap { target in
            ["a/b", "c/d"].map { (type: String) in
                SampleManifest.referrer(to: target.descriptor(), artifactType: type, note: "of \(type)")
            }
        }
        let indexes = [
            SampleManifest.index(of: targets.map { $0.descriptor() }),
            .index(of: referrers.map { $0.descriptor() }, extra: #","subject":\#(targets[0].descriptor())"#),
            .index(of: [referrers[0].descriptor(), blobs[0].descriptor("a/b")], extra: #","artifactType":"a/b""#),
        ]
        manifests = targets + referrers + indexes + [SampleManifest("{", mediaType: .imageIndex)]
        subjects = try (targets + indexes).map { try $0.name }
        let names = targets.prefix(2).map { $0.digest.replacing(":", with: "-") }
        tags = try (["1", "B", "b"] + names + names.map { "\($0).sig" } + ["\(names[0]).att"]).map { try Tag($0) }
    }

    /// Something to do.
    mutating func next() throws -> RandomOperation {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<10: .pushBlob(one(of: blobs), one(of: repositories))
        case 10..<16:
            .mount(try one(of: blobs).name, from: chance(0.3) ? nil : one(of: repositories), one(of: repositories))
        case 16..<20: .size(try one(of: blobs).name, one(of: repositories))
        case 20..<24: .read(try one(of: blobs).name, one(of: repositories))
        case 24..<28: .deleteBlob(try one(of: blobs).name, one(of: repositories))
        case 28..<50: try nextOfUpload()
        case 50..<70: try nextPush()
        case 70..<78: .manifest(try reference(), one(of: repositories))
        case 78..<81: .deleteManifest(try one(of: manifests).name, one(of: repositories))
        case 81..<84: .deleteTag(one(of: tags), try condition(), one(of: repositories))
        case 84..<87: .tags(one(of: repositories), after: text(tags), limit: limit())
        case 87..<90: .repositories(after: text(repositories), limit: limit())
        default:
            .referrers(
                one(of: subjects),
                type: chance(0.5) ? nil : one(of: ["a/b", "c/d", "application/vnd.oci.image.config.v1+json"]),
                one(of: repositories),
                after: chance(0.7) ? nil : try one(of: manifests).name,
                limit: limit()
            )
        }
    }

    /// Tells the world where an upload stands, when the last operation said so.
    mutating func note(_ operation: RandomOperation, _ answer: String) {
        switch operation {
        case .append(let number, _, _, _, _), .status(let number, _):
            if let offset = Int(answer) { uploads[number].sent = offset }
        default: break
        }
    }

    // MARK: - Parts

    private mutating func nextOfUpload() throws -> RandomOperation {
        guard !uploads.isEmpty, chance(0.75) else {
            let upload = Upload(blob: one(of: blobs), repository: one(of: repositories))
            uploads.append(upload)
            return .start(upload.repository, chance(0.8) ? .sha256 : .sha512)
        }
        // Mostly one of the last, which are likely to be open still.
        let number = max(0, uploads.count - 1 - Int.random(in: 0..<4, using: &random))
        let upload = uploads[number]
        let repository = chance(0.95) ? upload.repository : one(of: repositories)
        let sent = min(upload.sent, upload.blob.bytes.count)
        let offset: Int64? = chance(0.3) ? nil : Int64(chance(0.9) ? sent : sent + 1)
        let rest = Array(upload.blob.bytes[sent...])
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<4:
            let count = Int.random(in: 0...rest.count, using: &random)
            return .append(number, Array(rest.prefix(count)), at: offset, breaks: chance(0.2), repository)
        case 4..<8:
            let digest = try chance(0.9) ? upload.blob.name : one(of: blobs).name
            return .finish(number, rest.isEmpty && chance(0.5) ? nil : rest, at: offset, digest, repository)
        case 8: return .status(number, repository)
        default: return chance(0.3) ? .cancel(number, repository) : .status(number, repository)
        }
    }

    private mutating func nextPush() throws -> RandomOperation {
        let manifest = one(of: manifests)
        let some = tags.shuffled(using: &random).prefix(Int.random(in: 0...3, using: &random))
        let digest: Digest? = chance(0.5) ? nil : try chance(0.9) ? manifest.name : one(of: manifests).name
        return .pushManifest(manifest, Array(some), by: digest, try condition(), one(of: repositories))
    }

    private mutating func condition() throws -> TagCondition {
        guard chance(0.3) else { return .none }
        let digests = try [one(of: manifests).name, one(of: manifests).name]
        return one(of: [.absent, .present, .pointsTo(digests[0]), .noneOf([digests[0]]), .oneOf(Set(digests))])
    }

    private mutating func reference() throws -> Reference {
        chance(0.5) ? .tag(one(of: tags)) : .digest(try one(of: manifests).name)
    }

    private mutating func text(_ names: [some CustomStringConvertible]) -> String? {
        chance(0.4) ? nil : one(of: names).description
    }

    private mutating func limit() -> Int {
        chance(0.5) ? 100 : Int.random(in: 0...3, using: &random)
    }

    private mutating func chance(_ probability: Double) -> Bool {
        Double.random(in: 0..<1, using: &random) < probability
    }

    private mutating func one<Element>(of elements: [Element]) -> Element {
        elements[Int.random(in: 0..<elements.count, using: &random)]
    }
}
