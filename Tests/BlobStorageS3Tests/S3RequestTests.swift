import AWS
import Foundation
import Outgoing
import RegistryTesting
import Testing

@testable import BlobStorageS3

@Suite struct S3RequestTests {
    private static let key = AWSCredentials(accessKeyID: "AKID", secretAccessKey: "hunter2hunter2", source: "a test")

    private static func settings(_ endpoint: String?, bucket: String = "images") throws -> S3Settings {
        var settings = S3Settings(region: "eu-central-1", bucket: bucket, credentials: .fixed(key))
        settings.endpoint = try endpoint.map { try OutgoingURL($0) }
        return settings
    }

    @Test(
        arguments: [
            (nil, "images", .automatic, "https://images.s3.eu-central-1.amazonaws.com/a/b%20c"),
            (nil, "my.images", .automatic, "https://s3.eu-central-1.amazonaws.com/my.images/a/b%20c"),
            (nil, "images", .path, "https://s3.eu-central-1.amazonaws.com/images/a/b%20c"),
            ("http://10.0.0.1:9000", "images", .automatic, "http://10.0.0.1:9000/images/a/b%20c"),
            ("https://store.example/", "images", .automatic, "https://store.example/images/a/b%20c"),
            ("https://store.example", "images", .virtualHosted, "https://images.store.example/a/b%20c"),
        ] as [(String?, String, S3Settings.Addressing, String)]
    )
    func `an object is where its bucket is`(
        endpoint: String?,
        bucket: String,
        addressing: S3Settings.Addressing,
        expected: String
    ) throws {
        var settings = try Self.settings(endpoint, bucket: bucket)
        settings.addressing = addressing
        #expect("\(try S3Address(settings).url("a/b c"))" == expected)
    }

    @Test(arguments: [
        ("bucket", "a"), ("bucket", "a/b"), ("bucket", "a?b"), ("region", ""), ("region", "EU"), ("region", "a b"),
        ("prefix", "/a"), ("prefix", "a//b"), ("prefix", "../a"), ("prefix", "a b"), ("prefix", "a/./b"),
        ("endpoint", "https://store.example/path"),
    ])
    func `settings that cannot be are refused with a sentence`(name: String, value: String) throws {
        var settings = try Self.settings(name == "endpoint" ? value : nil)
        switch name {
        case "bucket": settings.bucket = value
        case "region": settings.region = value
        case "prefix": settings.prefix = value
        default: break
        }
        #expect(throws: S3Error(.settingsInvalid, "")) { try S3Address(settings) }
    }

    /// The request of a call, as it would be sent.
    private static func request(_ settings: S3Settings, _ call: S3Call) async throws -> OutgoingRequest {
        try await OutgoingClient.withClient { transport in
            let client = try S3Client(settings, transport: transport)
            return try await client.request(call, try await client.sums(of: call))
        }
    }

    private static func put(_ count: Int, _ checksum: S3Settings.Checksum) -> S3Call {
        var call = S3Call("s3:PutObject", .put, key: "x")
        call.body = .bytes(Array(repeating: 1, count: count))
        call.checksum = checksum
        return call
    }

    @Test func `in the clear the signature covers the bytes, over TLS their MD5 is sent`() async throws {
        let clear = try Self.settings("http://store.example")
        let secure = try Self.settings("https://store.example")
        let large = try await Self.request(clear, Self.put(100_000, .none))
        #expect(large.headers["X-Amz-Content-SHA256"] == Hash.sha256(100_000))
        let unsigned = try await Self.request(secure, Self.put(100_000, .md5))
        #expect(unsigned.headers["X-Amz-Content-SHA256"] == "UNSIGNED-PAYLOAD")
        #expect(unsigned.headers["Content-MD5"] == Hash.md5(100_000))
        let small = try await Self.request(secure, Self.put(10, .crc32))
        #expect(small.headers["X-Amz-Content-SHA256"] == Hash.sha256(10))
        // CRC-32 of ten bytes of 1.
        #expect(small.headers["x-amz-checksum-crc32"] == Hash.crc32(10))
    }

    @Test func `encryption, storage class and what is said of an object are in the request`() async throws {
        var settings = try Self.settings(nil)
        settings.encryption = .kms(keyID: "arn:aws:kms:key")
        settings.storageClass = "STANDARD_IA"
        try await OutgoingClient.withClient { transport in
            let headers = try S3Client(settings, transport: transport).describing(["digest": "sha256:00"])
            #expect(headers["x-amz-server-side-encryption"] == "aws:kms")
            #expect(headers["x-amz-server-side-encryption-aws-kms-key-id"] == "arn:aws:kms:key")
            #expect(headers["x-amz-storage-class"] == "STANDARD_IA")
            #expect(headers["x-amz-meta-digest"] == "sha256:00")
        }
        var told = ""
        dump(settings, to: &told)
        #expect(!told.contains("hunter2") && !"\(settings)".contains("hunter2"))
    }

    @Test(arguments: [
        (404, "NoSuchKey", S3Error.Code.noSuchKey), (404, "NoSuchBucket", .noSuchBucket), (404, "", .noSuchKey),
        (404, "NoSuchUpload", .noSuchUpload), (403, "AccessDenied", .denied), (403, "", .denied),
        (403, "SignatureDoesNotMatch", .credentialsRefused), (403, "InvalidAccessKeyId", .credentialsRefused),
        (400, "ExpiredToken", .credentialsUnavailable), (403, "RequestTimeTooSkewed", .clockSkewed),
        (503, "SlowDown", .slowDown), (503, "", .slowDown), (500, "", .unavailable), (502, "Odd", .unavailable),
        (400, "InvalidPart", .invalidPart), (400, "EntityTooSmall", .entityTooSmall),
        (400, "EntityTooLarge", .entityTooLarge), (412, "PreconditionFailed", .preconditionFailed),
        (412, "", .preconditionFailed),
        (409, "ConditionalRequestConflict", .conflict), (416, "InvalidRange", .rangeInvalid), (416, "", .rangeInvalid),
        (400, "BadDigest", .corrupted), (403, "QuotaExceeded", .full), (507, "", .full),
        (501, "NotImplemented", .notImplemented),
        (301, "PermanentRedirect", .wrongRegion), (307, "TemporaryRedirect", .wrongRegion), (301, "", .wrongRegion),
        (400, "AuthorizationHeaderMalformed", .wrongRegion), (418, "Teapot", .refused), (418, "", .refused),
    ])
    func `what a store refuses is told apart`(status: Int, code: String, expected: S3Error.Code) {
        let text = code.isEmpty ? "" : "<Error><Code>\(code)</Code><Message>because</Message></Error>"
        let answer = S3Answer(status: status, headers: [:], body: Array(text.utf8))
        let subject = S3Subject(action: "s3:PutObject", key: "a/b", place: "the bucket images at https://store.example")
        let error = S3Error(answer, subject, now: Date())
        #expect(error.code == expected && error.status == status)
        #expect(error.message.lowercased().contains("the bucket images at https://store.example"))
        #expect(code.isEmpty || error.message.hasSuffix("The store says: because"))
    }

    @Test func `clocks that differ are told by how much, and another region by its name`() {
        let subject = S3Subject(action: "s3:PutObject", key: "a/b", place: "the bucket images at https://store.example")
        var answer = S3Answer(status: 403, headers: ["Date": "Tue, 14 Nov 2023 22:13:20 GMT"])
        answer.body = Array("<Error><Code>RequestTimeTooSkewed</Code></Error>".utf8)
        let error = S3Error(answer, subject, now: Date(timeIntervalSince1970: 1_700_001_200))
        #expect(error.clockDifference == .seconds(1200))
        #expect(error.message.contains("1200 seconds ahead of the store's"))
        let behind = S3Error(answer, subject, now: Date(timeIntervalSince1970: 1_699_999_000))
        #expect(behind.message.contains("1000 seconds behind the store's"))
        let moved = S3Error(S3Answer(status: 301, headers: ["x-amz-bucket-region": "eu-west-1"]), subject, now: Date())
        #expect(moved.region == "eu-west-1" && moved.message.contains("region eu-west-1"))
        answer = S3Answer(status: 400, headers: [:])
        answer.body = Array(
            "<Error><Code>AuthorizationHeaderMalformed</Code><Region>us-west-2</Region></Error>".utf8
        )
        #expect(S3Error(answer, subject, now: Date()).region == "us-west-2")
    }

    @Test func `documents of any bytes are read or refused`() throws {
        var random = SeededGenerator(seed: TestSeed.run)
        let sample = Array(
            """
            <?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><EncodingType>url\
            </EncodingType><IsTruncated>false</IsTruncated><Contents><Key>a%2Fb&amp;</Key><Size>12</Size>\
            <LastModified>2009-10-12T17:50:30.000Z</LastModified></Contents></ListBucketResult>
            """.utf8
        )
        let subject = S3Subject(action: "s3:ListBucket", key: nil, place: "here")
        for _ in 0..<2000 {
            var bytes = sample
            for _ in 0..<Int.random(in: 0..<4, using: &random) {
                let index = Int.random(in: bytes.indices, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: index)
                default: bytes.insert(contentsOf: bytes[..<index], at: index)
                }
            }
            let answer = S3Answer(status: 200, headers: [:], body: bytes)
            guard let document = try? S3Document(answer, "ListBucketResult", subject) else { continue }
            for node in document.elements("Contents") {
                let size = try? document.number("Size", in: node)
                #expect(size.map { $0 >= 0 } ?? true, "TEST_SEED=\(TestSeed.run)")
                _ = try? document.key(in: node)
                _ = document.date("LastModified", in: node)
            }
        }
        let whole = try S3Document(S3Answer(status: 200, headers: [:], body: sample), "ListBucketResult", subject)
        #expect(try whole.key(in: whole.elements("Contents").first) == "a/b&" && !whole.isTruncated)
    }
}

/// Sums of bytes of 1, which Python has computed.
private enum Hash {
    static func sha256(_ count: Int) -> String { count == 10 ? ten.sha256 : many.sha256 }
    static func md5(_ count: Int) -> String { count == 10 ? ten.md5 : many.md5 }
    static func crc32(_ count: Int) -> String { count == 10 ? ten.crc32 : many.crc32 }

    private static let ten = (
        sha256: "ffadf8d89d37b3b55fe1847b513cf92e3be87e4c168708c7851845df96fb36be", md5: "SExWJJEOYoj61p5XKgY39w==",
        crc32: "ULDqsQ=="
    )
    private static let many = (
        sha256: "7afaec9db2d1f347e46eee3af2a29726de4d4a78c6306b0bc2f3f7f859f918eb", md5: "zEYPuiZ9lUVK3tVLxiDHcg==",
        crc32: "OVpVdw=="
    )
}
