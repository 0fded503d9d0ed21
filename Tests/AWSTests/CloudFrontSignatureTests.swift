import Foundation
import Outgoing
import RegistryTesting
import Testing

@testable import AWS

/// Addresses of CloudFront, as its documentation describes them and OpenSSL sees them.
@Suite struct CloudFrontSignatureTests {
    /// 2013-01-01 10:00 UTC, as in the documentation.
    private static let end = Date(timeIntervalSince1970: 1_357_034_400)
    private static let example = "http://d111111abcdef8.cloudfront.net/horizon.jpg?size=large&license=yes"
    /// The policy of the documentation, without its white space.
    private static let policy =
        #"{"Statement":[{"Resource":"http://d111111abcdef8.cloudfront.net/horizon.jpg?size=large&license=yes","#
        + #""Condition":{"DateLessThan":{"AWS:EpochTime":1357034400}}}]}"#

    @Test func `the policy is that of the documentation`() throws {
        #expect(CloudFrontSignature.policy(try OutgoingURL(Self.example), until: 1_357_034_400) == Self.policy)
    }

    /// How OpenSSL makes a key.
    enum Kind: String, CaseIterable {
        case rsa = "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out KEY"
        case rsaTraditional = "genrsa -traditional -out KEY 2048"
        case ecdsa = "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out KEY"
        case ecdsaBehindParameters = "ecparam -name prime256v1 -genkey -out KEY"

        func make(in folder: String) async throws -> String {
            let words = rawValue.split(separator: " ").map { $0 == "KEY" ? "\(folder)/key" : String($0) }
            try await Command("openssl", words).output()
            try await Command("openssl", ["pkey", "-in", "\(folder)/key", "-pubout", "-out", "\(folder)/public"])
                .output()
            return try String(contentsOfFile: "\(folder)/key", encoding: .utf8)
        }
    }

    /// Whether OpenSSL finds that a text was signed.
    private static func verify(_ text: String, _ signature: [UInt8], in folder: String) async throws -> Bool {
        try Data(signature).write(to: URL(filePath: "\(folder)/signature"))
        try Data(text.utf8).write(to: URL(filePath: "\(folder)/text"))
        let arguments = ["dgst", "-sha256", "-verify", "\(folder)/public", "-signature", "\(folder)/signature"]
        return try await Command("openssl", arguments + ["\(folder)/text"]).run().status == 0
    }

    @Test(arguments: Kind.allCases)
    func `OpenSSL verifies the signature of the policy, and of no other`(_ kind: Kind) async throws {
        let folder = try TemporaryFolder()
        let signer = try CloudFrontSignature(keyID: "K2JCJMDEHXQW5F", pem: try await kind.make(in: folder.path))
        let signed = try signer.signed(try OutgoingURL(Self.example), until: Self.end)
        #expect(signed.target == .http(host: "d111111abcdef8.cloudfront.net", port: 80))
        let form = #//horizon\.jpg\?size=large&license=yes&Expires=1357034400&Signature=([A-Za-z0-9~_-]+)/#
        let rest = "&Key-Pair-Id=K2JCJMDEHXQW5F&Hash-Algorithm=SHA256"
        #expect(signed.pathAndQuery.hasSuffix(rest))
        let match = try #require(signed.pathAndQuery.dropLast(rest.count).wholeMatch(of: form))
        let text = String(match.1).replacing("-", with: "+").replacing("_", with: "=").replacing("~", with: "/")
        let bytes = Array(try #require(Data(base64Encoded: text)))
        #expect(try await Self.verify(Self.policy, bytes, in: folder.path))
        #expect(try await !Self.verify(Self.policy.replacing("1357034400", with: "1357034401"), bytes, in: folder.path))
    }

    @Test func `an RSA signature is what OpenSSL makes, to the byte`() async throws {
        let folder = try TemporaryFolder()
        let pem = try await Kind.rsa.make(in: folder.path)
        let url = try OutgoingURL("https://d111111abcdef8.cloudfront.net/wharf/blobs/4f/4f0a")
        let signed = try CloudFrontSignature(keyID: "K1", pem: pem).signed(url, until: Self.end)
        let policy = #"{"Statement":[{"Resource":"\#(url.target)/wharf/blobs/4f/4f0a","#
        try Data((policy + #""Condition":{"DateLessThan":{"AWS:EpochTime":1357034400}}}]}"#).utf8)
            .write(to: URL(filePath: "\(folder.path)/text"))
        let shell = "openssl dgst -sha256 -sign \"$0/key\" \"$0/text\" | openssl base64 -A | tr '+=/' '-_~'"
        let expected = try await Command("/bin/sh", ["-c", shell, folder.path]).output()
        #expect(
            "\(signed.target)\(signed.pathAndQuery)"
                == "https://d111111abcdef8.cloudfront.net/wharf/blobs/4f/4f0a?Expires=1357034400"
                + "&Signature=\(expected)&Key-Pair-Id=K1&Hash-Algorithm=SHA256"
        )
    }

    @Test func `what is no key of its kinds is refused, and shows nothing of itself`() async throws {
        let folder = try TemporaryFolder()
        let curve = ["ecparam", "-name", "secp384r1", "-genkey", "-noout", "-out", "\(folder.path)/other"]
        try await Command("openssl", curve).output()
        let other = try String(contentsOfFile: "\(folder.path)/other", encoding: .utf8)
        for text in ["", "hunter2", other, "-----BEGIN PRIVATE KEY-----\naHVudGVyMg==\n-----END PRIVATE KEY-----\n"] {
            let error = #expect(throws: AWSError.self) { try CloudFrontSignature(keyID: "K1", pem: text) }
            #expect(error?.code == .settingsInvalid)
            #expect(error?.message.contains("hunter2") == false)
        }
        let pem = try await Kind.ecdsa.make(in: folder.path)
        for id in ["", "K1&Expires=9", "a b"] {
            #expect(throws: AWSError.self) { try CloudFrontSignature(keyID: id, pem: pem) }
        }
        let signature = try CloudFrontSignature(keyID: "K1", pem: pem)
        #expect("\(signature)" == "<redacted, key K1>")
        var dumped = ""
        dump(signature, to: &dumped)
        #expect(dumped.contains("redacted") && !dumped.contains("ecdsa"))
    }
}
