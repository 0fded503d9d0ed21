import Foundation
import Outgoing
import RegistryTesting
import Testing

@testable import AWS

@Suite struct SignatureTests {
    /// 2015-08-30T12:36:00Z, as in the suite that AWS publishes.
    private static let suite = Signature(
        credentials: AWSCredentials(
            accessKeyID: "AKIDEXAMPLE",
            secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            source: "a test"
        ),
        region: "us-east-1",
        service: "service",
        date: Date(timeIntervalSince1970: 1_440_938_160)
    )

    private static func signed(
        _ method: OutgoingMethod,
        _ path: String,
        headers: HeaderFields = [:],
        body: String = ""
    ) throws -> OutgoingRequest {
        let url = try OutgoingURL("https://example.amazonaws.com\(path)")
        return suite.signed(OutgoingRequest(method, url, headers: headers), payload: .of(body.utf8))
    }

    @Test(arguments: [
        ("/", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        ("//", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        ("/example/..", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        ("/example1/example2/../..", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        ("/./example", "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5"),
        ("//example//", "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"),
        ("/?Param1=value1", "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"),
        ("/?Param1=value2&Param1=Value1", "eedbc4e291e521cf13422ffca22be7d2eb8146eecf653089df300a15b2382bd1"),
        ("/?Param2=value2&Param1=value1", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
        (
            "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
            "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"
        ),
    ])
    func `a path and query are signed as in the suite of AWS`(path: String, expected: String) throws {
        let request = try Self.signed(.get, path)
        #expect(
            request.headers["Authorization"]
                == "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
                + "SignedHeaders=host;x-amz-date, Signature=\(expected)"
        )
        #expect(request.headers["X-Amz-Date"] == "20150830T123600Z")
        #expect(request.headers["Host"] == "example.amazonaws.com")
    }

    @Test func `fields, bodies and session tokens are signed as in the suite of AWS`() throws {
        let trimmed = try Self.signed(.get, "/", headers: ["My-Header1": " value1", "My-Header2": " \"a   b   c\""])
        #expect(trimmed.signature == "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736")
        let post = try Self.signed(.post, "/", headers: ["User-Agent": "not signed"])
        #expect(post.signature == "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b")
        let form = try Self.signed(
            .post,
            "/",
            headers: ["Content-Type": "application/x-www-form-urlencoded"],
            body: "Param1=value1"
        )
        #expect(form.signature == "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a")
        let lent = AWSCredentials(
            accessKeyID: Self.suite.credentials.accessKeyID,
            secretAccessKey: Self.suite.credentials.secretAccessKey,
            sessionToken: "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267",
            source: "a test"
        )
        let session = Signature(
            credentials: lent,
            region: Self.suite.region,
            service: Self.suite.service,
            date: Self.suite.date
        ).signed(OutgoingRequest(.get, try OutgoingURL("https://example.amazonaws.com/")), payload: .empty)
        #expect(session.signature == "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8")
    }

    @Test func `requests of S3 are signed as in its documentation`() throws {
        let signature = Signature(
            credentials: AWSCredentials(
                accessKeyID: "AKIAIOSFODNN7EXAMPLE",
                secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                source: "a test"
            ),
            region: "us-east-1",
            service: "s3",
            date: Date(timeIntervalSince1970: 1_369_353_600)
        )
        let bucket = "https://examplebucket.s3.amazonaws.com"
        func signed(_ method: OutgoingMethod, _ path: String, _ fields: HeaderFields = [:], _ body: String = "") throws
            -> String?
        {
            let request = OutgoingRequest(method, try OutgoingURL(bucket + path), headers: fields)
            return signature.signed(request, payload: .of(body.utf8)).signature
        }
        let get = try signed(.get, "/test.txt", ["Range": "bytes=0-9"])
        #expect(get == "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
        let put = try signed(
            .put,
            "/test$file.text",
            ["Date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"],
            "Welcome to Amazon S3."
        )
        #expect(put == "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd")
        let lifecycle = try signed(.get, "/?lifecycle")
        #expect(lifecycle == "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")
        let list = try signed(.get, "/?max-keys=2&prefix=J")
        #expect(list == "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")
        let url = try signature.presigned(.get, OutgoingURL(bucket + "/test.txt"), lifetime: .seconds(86400))
        #expect(
            url.pathAndQuery.hasSuffix(
                "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
            )
        )
    }

    @Test func `requests of all kinds are signed as botocore signs them`() async throws {
        let count = TestSeed.count(500, soaking: 20_000, of: "signatures of botocore")
        let output = try await Script.command("sign", ["\(TestSeed.run)", "\(count)"]).output()
        let cases = try JSONDecoder().decode([BotocoreCase].self, from: Data(output.utf8))
        #expect(cases.count == count)
        for one in cases {
            let difference = try one.difference()
            #expect(difference == nil, "TEST_SEED=\(TestSeed.run): \(one.method) \(one.url)")
        }
    }

    @Test func `a lifetime is cut to what servers take`() throws {
        let url = try OutgoingURL("https://example.amazonaws.com/")
        for (lifetime, seconds) in [(Duration.seconds(0), 1), (.seconds(1 << 40), 604_800), (.milliseconds(2500), 2)] {
            let presigned = try Self.suite.presigned(.get, url, lifetime: lifetime)
            #expect(presigned.pathAndQuery.contains("&X-Amz-Expires=\(seconds)&"))
        }
    }
}

extension OutgoingRequest {
    /// The last part of the field `Authorization`.
    fileprivate var signature: String? {
        headers["Authorization"]?.components(separatedBy: "Signature=").last
    }
}

/// A request, and what botocore makes of it.
private struct BotocoreCase: Decodable {
    let method: String
    let url: String
    let headers: [[String]]
    let body: String
    let isHashed: Bool
    let service: String
    let region: String
    let id: String
    let secret: String
    let token: String?
    let isQuery: Bool
    let seconds: Int
    let lifetime: Int
    let expected: String

    private static let methods: [OutgoingMethod] = [.get, .put, .post, .head, .delete]

    /// What differs; nil for nothing.
    func difference() throws -> String? {
        let method = try #require(Self.methods.first { $0.description == self.method })
        var fields: HeaderFields = [:]
        for pair in headers { fields.add(pair[0], pair[1]) }
        let signature = Signature(
            credentials: AWSCredentials(
                accessKeyID: id,
                secretAccessKey: secret,
                sessionToken: token,
                source: "a test"
            ),
            region: region,
            service: service,
            date: Date(timeIntervalSince1970: TimeInterval(seconds))
        )
        let payload: Signature.Payload = isHashed ? .of(body.utf8) : .unsigned
        let target = try OutgoingURL(url)
        guard isQuery else {
            let made = signature.signed(OutgoingRequest(method, target, headers: fields), payload: payload)
            return made.headers["Authorization"] == expected ? nil : made.headers["Authorization"] ?? "none"
        }
        let made = try signature.presigned(
            method,
            target,
            headers: fields,
            lifetime: .seconds(lifetime),
            payload: payload
        )
        // The parameters may stand in another order.
        func parameters(_ text: String) -> Set<Substring> {
            Set(text.drop { $0 != "?" }.dropFirst().split(separator: "&"))
        }
        return parameters(made.pathAndQuery) == parameters(expected) ? nil : made.pathAndQuery
    }
}
