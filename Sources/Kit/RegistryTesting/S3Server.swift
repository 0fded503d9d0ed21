import AWS
import Foundation
public import Outgoing

/// An S3 server that others wrote, for tests: on a free port of loopback, with one user.
public protocol S3Server: AnyObject, Sendable {
    /// Where it is.
    var endpoint: OutgoingURL { get }
    /// The name of the user's key.
    var accessKeyID: String { get }
    /// The user's key.
    var secretAccessKey: String { get }
    /// Makes an empty bucket.
    func makeBucket(_ name: String) async throws
}

extension S3Server {
    /// Makes an empty bucket of a name that was never used; returns the name.
    public func makeBucket() async throws -> String {
        let name = "test-" + UUID().uuidString.lowercased()
        try await makeBucket(name)
        return name
    }

    /// Lets everybody on this machine read the objects of a bucket, without a signature.
    public func publish(_ bucket: String) async throws {
        let policy = """
            {"Version": "2012-10-17", "Statement": [{
              "Effect": "Allow", "Principal": {"AWS": ["*"]}, "Action": ["s3:GetObject"],
              "Resource": ["arn:aws:s3:::\(bucket)/*"],
              "Condition": {"IpAddress": {"aws:SourceIp": ["127.0.0.1/32"]}}
            }]}
            """
        try await put("/\(bucket)?policy", Array(policy.utf8))
    }

    /// Makes a bucket as every client does.
    func put(bucket name: String) async throws {
        try await put("/\(name)", [])
    }

    private func put(_ path: String, _ body: [UInt8]) async throws {
        let credentials = AWSCredentials(
            accessKeyID: accessKeyID,
            secretAccessKey: secretAccessKey,
            source: "a test"
        )
        let signature = Signature(credentials: credentials, region: "us-east-1", service: "s3", date: Date())
        let request = OutgoingRequest(.put, try OutgoingURL(endpoint.target, path: path), body: .bytes(body))
        try await OutgoingClient.withClient { client in
            let answer = try await client.send(signature.signed(request, payload: .of(body)))
            let said = try await answer.body.collect(upTo: 64 << 10)
            guard (200..<300).contains(answer.status) else {
                throw S3ServerFailure(description: "\(answer.status): \(String(decoding: said, as: UTF8.self))")
            }
        }
    }
}

/// What an S3 server said instead of doing what a test needs.
public struct S3ServerFailure: Error, CustomStringConvertible {
    /// What it said.
    public let description: String
}
