import DistributionGrammar
import FuzzTargets
import OCI
import RegistryContract
import RegistryTesting
import Testing

@Suite struct RoundTripTests {
    @Test func `whatever request is written, it is read as it was`() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<5000 {
            let request = try RandomRequest(&random).request()
            let (method, target) = (request.method, request.target)
            #expect(try Sample.read(method, target) == request, "seed \(seed): \(method) \(target)")
        }
    }
}

/// Requests of every kind with parts that the grammars allow.
private struct RandomRequest {
    private var random: SeededGenerator

    init(_ random: inout SeededGenerator) {
        self.random = SeededGenerator(seed: random.next())
    }

    func request() throws -> DistributionRequest {
        var copy = self
        return try copy.make()
    }

    private mutating func make() throws -> DistributionRequest {
        let name = try name()
        switch Int.random(in: 0..<16, using: &random) {
        case 0: return .version
        case 1: return .blob(digest(), name, headOnly: .random(using: &random))
        case 2: return .manifest(try reference(), name, headOnly: .random(using: &random))
        case 3:
            return .startUpload(
                name,
                UploadStart(
                    digest: maybe { $0.digest() },
                    mount: maybe { $0.digest() },
                    source: try maybe { try $0.name() },
                    algorithm: maybe { Digest.Algorithm.allCases.randomElement(using: &$0.random) ?? .sha256 }
                )
            )
        case 4: return .patchUpload(UploadID(using: &random), name)
        case 5: return .putUpload(UploadID(using: &random), name, digest())
        case 6: return .uploadStatus(UploadID(using: &random), name)
        case 7: return .cancelUpload(UploadID(using: &random), name)
        case 8:
            let count = Int.random(in: 0...20, using: &random)
            let tags = try (0..<count).map { try OCI.Tag("\($0)\(tag())".prefix(128)) }
            return .putManifest(try reference(), name, tags: tags)
        case 9, 10: return .tags(name, list())
        case 11: return .deleteManifest(try reference(), name)
        case 12: return .deleteBlob(digest(), name)
        case 13: return .referrers(digest(), name, artifactType: maybe { $0.text() }, list())
        case 14: return .tagHistory(try tag(), name, list())
        default: return .catalog(list())
        }
    }

    private mutating func maybe<Value>(_ make: (inout RandomRequest) throws -> Value) rethrows -> Value? {
        Bool.random(using: &random) ? try make(&self) : nil
    }

    private mutating func word(_ alphabet: String, _ counts: ClosedRange<Int>) -> String {
        let letters = Array(alphabet)
        return String(
            (0..<Int.random(in: counts, using: &random)).map { _ in letters.randomElement(using: &random) ?? "a" }
        )
    }

    private mutating func name() throws -> RepositoryName {
        let words = ["blobs", "uploads", "manifests", "tags", "list", "referrers", "v2", "history", "wharf"]
        let components = (0..<Int.random(in: 1...6, using: &random)).map { _ in
            guard Bool.random(using: &random) else { return words.randomElement(using: &random) ?? "" }
            let parts = (0...Int.random(in: 0...2, using: &random)).map { _ in word("abcxyz0189", 1...4) }
            return parts.joined(separator: [".", "_", "__", "-", "---"].randomElement(using: &random) ?? "")
        }
        return try RepositoryName(components.joined(separator: "/"))
    }

    private mutating func digest() -> Digest {
        let algorithm = Digest.Algorithm.allCases.randomElement(using: &random) ?? .sha256
        return Digest(algorithm: algorithm, hash: random.bytes(algorithm.byteCount))
    }

    private mutating func tag() throws -> OCI.Tag {
        try OCI.Tag(word("azAZ09_", 1...1) + word("azAZ09_.-", 0...127))
    }

    private mutating func reference() throws -> Reference {
        Bool.random(using: &random) ? .digest(digest()) : .tag(try tag())
    }

    /// Any text but the empty one, which in a query is the same as none.
    private mutating func text() -> String {
        word("aZ09 /+&=?#%\u{0}\n<>\"é\u{301}😀", 1...30)
    }

    private mutating func list() -> ListQuery {
        ListQuery(count: maybe { Int.random(in: 0 ... .max, using: &$0.random) }, last: maybe { $0.text() })
    }
}
