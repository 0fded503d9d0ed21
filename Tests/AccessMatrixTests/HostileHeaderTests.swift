import Crypto
import Foundation
import Testing

@testable import Identity
@testable import RegistryTesting

/// Whatever stands in an Authorization header, at every entrance.
@Suite struct HostileHeaderTests {
    /// Where a header is looked at.
    private static let entrances = [
        "/v2/", "/v2/team/app/tags/list", "/v2/open/app/tags/list", "/v2/_catalog", "/token",
        "/token?scope=repository:open/app:pull", "/api/v1/me", "/api/v1/users", "/api/v1/no-such-path",
    ]
    /// As long as a field may be (`http.header-field-size-max`).
    private static let longest = 16 << 10
    /// How long an answer may take where all cores are busy: what grows with the square takes minutes.
    static let patience = Duration.seconds(20)

    private static let plain = [
        "", " ", "Basic", "Bearer", "Basic ", "Bearer ", ":", "Basic :", "Basic !!!!", "Basic ====", "Basic YWxpY2U=",
        "Bearer null", "Bearer undefined", "Bearer .", "Bearer ..", "Bearer ...", "Bearer e30.e30.e30", "Bearer {}",
        "Bearer \u{FFFD}", "Bearer a b c", "Bearer a,b", "Bearer\ta.b.c", "Token a", "Digest username=\"root\"",
        "Negotiate YII", "AWS4-HMAC-SHA256 Credential=a", "basic\u{301} cm9vdDpyb290", "\u{212A} x", "\u{0}",
        "Basic \u{FF}", "Bearer " + String(repeating: ".", count: longest - 7),
        "Bearer " + String(repeating: "a", count: longest - 7), String(repeating: " ", count: longest),
        "Basic " + String(repeating: "A", count: longest - 8), String(repeating: "Basic ", count: longest / 6),
        String(repeating: "\u{301}\u{316}", count: longest / 4),
        "Bearer " + String(repeating: "\u{301}\u{316}", count: longest / 4 - 2),
        "Bearer a.b." + String(repeating: "%", count: 1000),
    ]

    private static let names: [[UInt8]] =
        [
            "root", "", ":", "::", "a:b:c", ":word", "root:", "root\u{0}:x", "\u{0}:\u{0}", "ro\not:x", "ro\rot:x",
            "root\u{7F}:x", "ro\u{1B}[31mot:x", "../root:x", "root' OR '1'='1:x", "root\"; DROP TABLE accounts;--:x",
            "team+robot:x", "%72oot:x", "ｒｏｏｔ:x", "\u{202E}toor:x", "<token>:a.b.c", "oauth2accesstoken:x",
            String(repeating: "a", count: 256) + ":x", String(repeating: "a", count: 257) + ":x",
            String(repeating: "\u{301}", count: 120) + ":x", "root:wharf_pat_",
            "root:wharf_pat_"
                + String(
                    repeating: "0",
                    count: 64
                ),
            "root:wharf_refresh_x", "root:" + String(repeating: "x", count: 8000),
        ].map { Array($0.utf8) } + [
            [0xFF, 0x3A, 0x78], [0xC0, 0xAF, 0x3A, 0x78], [0xED, 0xA0, 0x80, 0x3A, 0x78], [0x80], [0x3A], [0x00],
        ]

    private static let values = plain + names.map { "Basic " + Data($0).base64EncodedString() }

    @Test func `whatever a header says, it is refused alike at every entrance, and soon`() async throws {
        try await Town.with { town in
            for value in Self.values {
                try await Self.expectRefusals([value], town)
            }
            Self.expectQuiet(town, Self.values.filter { $0.utf8.count > 20 })
        }
    }

    @Test func `several headers are refused, whichever of them is right`() async throws {
        try await Town.with { town in
            let right = TownPlan.basic("root", TownPlan.password)
            let token = try #require(town.plan.credentials[.pullBearer]?.authorization)
            for values in [[right, right], [right, token], [token, "Basic x"], ["", right], [right, ""]] {
                try await Self.expectRefusals(values, town)
            }
            try await Self.expectRefusals([right + ", " + token], town)
            try await Self.expectRefusals(Array(repeating: right, count: 500), town)
        }
    }

    // MARK: Tokens

    @Test func `whatever the header of a token says, it is refused at every entrance, and soon`() async throws {
        try await Town.with { town in
            let real = try #require(town.plan.credentials[.pullBearer]?.password)
            let parts = real.split(separator: ".").map(String.init)
            let key = try #require(town.directory.snapshot.keys.keys.last)
            let claims = #"{"iss":"wharf","aud":"wharf","sub":"root"}"#
            for header in Self.tokenHeaders(key.id) {
                let head = Base64.encodeForURL(header.utf8)
                let code = HMAC<SHA256>.authenticationCode(
                    for: Data("\(head).\(parts[1])".utf8),
                    using: SymmetricKey(data: key.privateKey.publicKey.x963Representation)
                )
                for tail in [
                    "\(parts[1]).\(parts[2])", "\(parts[1]).", "\(parts[1]).\(Base64.encodeForURL(code))",
                    "\(Base64.encodeForURL(claims.utf8)).\(parts[2])",
                ] {
                    try await Self.expectRefusals(["Bearer \(head).\(tail)"], town)
                }
            }
            for text in ["\(real)x", "x\(real)", real.replacing(".", with: "..")] {
                try await Self.expectRefusals(["Bearer \(text)"], town)
            }
            let unchanged = try await town.send(TestRequest("GET", "/v2/"), as: .pullBearer)
            #expect(unchanged.status == 200, "the real one comes in")
            Self.expectQuiet(town, [real, parts[1], parts[2]])
        }
    }

    private static func tokenHeaders(_ keyID: String) -> [String] {
        let marks = String(repeating: "\u{301}\u{316}", count: 2000)
        return [
            #"{"alg":"none"}"#, #"{"alg":"none","kid":"\#(keyID)"}"#, #"{"alg":"HS256","kid":"\#(keyID)"}"#,
            #"{"alg":"ES256","kid":"../../etc/passwd"}"#, #"{"alg":"ES256","kid":null}"#, #"{"alg":["ES256"]}"#,
            #"{"alg":"ES256","kid":1e999}"#, #"{"alg":"ES256","kid":"\u0000"}"#, #"{"alg":"ES256","kid":"\ud800"}"#,
            #"{"alg":"none","alg":"ES256","kid":"\#(keyID)"}"#, "", "null", "[]", "1", "\"ES256\"", "{",
            #"{"alg":"ES256","kid":"x","jwk":{"kty":"EC"},"jku":"http://127.0.0.1:1/"}"#,
            #"{"alg":"ES256","kid":"\#(marks)"}"#, #"{"\#(marks)":1,"alg":"ES256","kid":"x"}"#,
            String(repeating: "[", count: 9000), String(repeating: #"{"a":"#, count: 2000),
            #"{"alg":"ES256","kid":"x","a":"# + String(repeating: "[", count: 400) + String(repeating: "]", count: 400)
                + "}",
            #"{"alg":"ES256","kid":"x","n":"# + String(repeating: "9", count: 9000) + "}",
        ]
    }

    // MARK: What is expected

    /// Each entrance answers 401 in its own shape, in time.
    static func expectRefusals(_ values: [String], _ town: Town) async throws {
        let name = values.map { $0.prefix(60).debugDescription }.joined(separator: ", ").prefix(300)
        for path in entrances {
            let request = TestRequest("GET", path, headers: values.map { ("Authorization", $0) })
            let start = ContinuousClock.now
            let answer = try await town.send(request)
            let span = ContinuousClock.now - start
            #expect(span < patience, "\(name) at \(path) took \(span)")
            #expect(answer.status == 401, "\(name) at \(path): \(answer.status) \(answer.text.prefix(200))")
            let isInShape = path.hasPrefix("/api") ? answer.isProblem : answer.isRefusal
            #expect(isInShape, "\(name) at \(path): \(answer.text.prefix(200))")
            #expect(answer[header: "WWW-Authenticate"] != nil, "\(name) at \(path)")
        }
    }

    /// The log has no fault of the registry's own, no control character, and nothing of what was sent.
    static func expectQuiet(_ town: Town, _ sent: [String]) {
        let lines = town.log.all
        for line in lines {
            #expect(!line.contains(#""level":"error""#), "\(line.prefix(500))")
            let isPlain = !line.utf8.dropLast().contains { $0 < 0x20 || $0 == 0x7F }
            #expect(isPlain, "\(line.prefix(500).debugDescription)")
        }
        let all = Data(lines.joined().utf8)
        for secret in sent + town.plan.credentials.values.compactMap(\.password) + [TownPlan.password] {
            // A part of a long one would be too much as well; and a search for text takes long where it has marks.
            let range = all.range(of: Data(secret.utf8.prefix(200)))
            #expect(range == nil, "the log tells \(secret.prefix(60).debugDescription)")
        }
    }
}
