import Testing

@testable import RegistryTesting

/// Valid requests with some bytes changed at random: never a fault of the registry's own, and never a secret told.
@Suite struct MutationTests {
    private static let roundCount = 40
    private static let requestsPerRound = 100
    private static let callers: [Caller] = [
        .root, .root, .admin, .none, .anonymous, .pullBearer, .limitedToken, .socket,
    ]

    @Test(arguments: 0..<roundCount)
    func `requests that are changed at random are answered or refused, and never fail`(round: Int) async throws {
        let seed = TestSeed.round(round)
        var random = SeededGenerator(seed: seed)
        try await Town.with { town in
            for number in 0..<Self.requestsPerRound {
                let row = try #require(Matrix.requests.randomElement(using: &random))
                let caller = try #require(Self.callers.randomElement(using: &random))
                var request = try row.make(town.plan, caller)
                if caller != .socket, let value = town.plan.credentials[caller]?.authorization {
                    request.headers.append(("Authorization", value))
                }
                for _ in 0...Int.random(in: 0..<3, using: &random) { Self.mutate(&request, &random) }
                let name = "request \(number) of seed \(seed) (TEST_SEED=\(TestSeed.run)): \(row.name)"
                let start = ContinuousClock.now
                let answer = try await caller == .socket ? town.send(request, as: .socket) : town.send(request)
                #expect(ContinuousClock.now - start < HostileHeaderTests.patience, "\(name)")
                Self.check(answer, request, name)
            }
            HostileHeaderTests.expectQuiet(town, [])
        }
    }

    private static func check(_ answer: TestResponse, _ request: TestRequest, _ name: String) {
        let said = "\(name) \(request.method) \(request.path.prefix(200)): \(answer.status) \(answer.text.prefix(300))"
        #expect((200..<500).contains(answer.status), "\(said)")
        #expect(!answer.headers.contains { $0.1.utf8.contains { $0 < 0x20 || $0 == 0x7F } }, "\(said)")
        guard answer.status >= 400, request.method != "HEAD" else { return }
        #expect(answer.isProblem || answer.isRefusal, "\(said)")
        for (header, value) in request.headers where header == "Authorization" && value.utf8.count > 20 {
            #expect(!answer.text.contains(value.split(separator: " ").last ?? "-"), "\(said)")
        }
    }

    // MARK: Changes

    private static let pieces = [
        "\u{0}", "\n", "\r\n", "\u{7F}", "\u{301}", "é", "\u{FFFD}", "%", "%00", "%2e%2e", "%2F", "/", "//", "?", "&",
        "=",
        "#", ":", "@", "+", "*", "..", "\"", "\\", "{", "}", "[", "]", ",", "null", "true", "-1", "1e999", "0", " ",
        "'",
        "99999999999999999999", "team/app", "teamwork/app", "root", "admin", "sha256:", "\u{212A}", "\u{202E}",
    ]
    private static let methods = [
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "get", "PROPFIND", "",
    ]
    private static let headers = [
        "Authorization", "Content-Type", "If-Match", "If-None-Match", "Idempotency-Key", "Range", "Content-Range",
        "Host",
        "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Prefix", "User-Agent", "Accept",
        "Content-Length", "OCI-Subject",
    ]

    private static func mutate(_ request: inout TestRequest, _ random: inout SeededGenerator) {
        switch Int.random(in: 0..<10, using: &random) {
        case 0: request.method = methods.randomElement(using: &random) ?? "GET"
        case 1...3:
            // A target is never without its slash.
            request.path = "/" + mutated(String(request.path.dropFirst()), &random)
        case 4...6:
            request.body = bytes(request.body, &random)
        case 7 where !request.headers.isEmpty:
            let index = Int.random(in: 0..<request.headers.count, using: &random)
            request.headers[index].1 = mutated(request.headers[index].1, &random)
        case 8 where !request.headers.isEmpty:
            request.headers.remove(at: Int.random(in: 0..<request.headers.count, using: &random))
        default:
            let name = headers.randomElement(using: &random) ?? "Accept"
            let value = pieces.randomElement(using: &random) ?? ""
            request.headers.append((name, mutated(value, &random)))
        }
    }

    /// What HTTP lets through to the responder: no control character is left in a header or a target.
    private static func mutated(_ text: String, _ random: inout SeededGenerator) -> String {
        var characters = Array(text.unicodeScalars)
        let place = Int.random(in: 0...characters.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: characters.insert(contentsOf: (pieces.randomElement(using: &random) ?? "").unicodeScalars, at: place)
        case 1: characters.removeSubrange(place...)
        case 2 where place < characters.count:
            characters[place] = Unicode.Scalar(UInt8.random(in: 0x20..<0x7F, using: &random))
        default: characters += characters[place...]
        }
        var text = String.UnicodeScalarView()
        text.append(contentsOf: characters.filter { $0.value >= 0x20 && $0.value != 0x7F })
        return String(text)
    }

    private static func bytes(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        let place = Int.random(in: 0...bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes.insert(contentsOf: (pieces.randomElement(using: &random) ?? "").utf8, at: place)
        case 1: bytes.removeSubrange(place...)
        case 2 where place < bytes.count: bytes[place] = UInt8.random(in: 0...255, using: &random)
        default: bytes += bytes[place...]
        }
        return bytes
    }
}
