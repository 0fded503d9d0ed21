import AWS
public import BlobStorage
import BlobStorageFiles
import BlobStorageS3
import Foundation
import NIOPosix
import Outgoing
import Synchronization

/// The blob store that tests stand on where they are not about one: files, or what TEST_BLOBS says.
public enum TestBlobs: String, CaseIterable, Sendable, TestChoice {
    case files, radosgw, rclone

    /// The one of the test that runs.
    @TaskLocal public static var current = chosen

    /// The name of the variable that chooses.
    public static let variable = "TEST_BLOBS"

    private static let chosen = chosen(by: variable, usual: .files)

    /// Opens the store that belongs to a folder, empty at the first time; each time as another process would.
    public func open(in folder: String) async throws -> any BlobStore {
        guard let place = try await place(for: folder) else {
            return try await FileBlobStore.open(folder: "\(folder)/blobs", threads: .singleton)
        }
        let server = place.server
        var settings = S3Settings(
            region: "us-east-1",
            bucket: place.bucket,
            credentials: .fixed(
                AWSCredentials(
                    accessKeyID: server.accessKeyID,
                    secretAccessKey: server.secretAccessKey,
                    source: "a test"
                )
            )
        )
        settings.endpoint = server.endpoint
        settings.prefix = place.prefix
        var findings = S3Findings()
        if self == .rclone { findings.lacking[.conditionalPuts] = "It ignores If-None-Match." }
        return try await S3BlobStore.open(
            try S3Client(settings, transport: try Self.transport.get()),
            folder: folder,
            findings: findings,
            threads: .singleton
        )
    }

    /// The variables that make a server use the store that belongs to a folder.
    public func environment(for folder: String) async throws -> [String: String] {
        guard let place = try await place(for: folder) else { return [:] }
        return [
            "WHARF_S3_ENDPOINT": "\(place.server.endpoint.target)",
            "WHARF_S3_BUCKET": place.bucket,
            "WHARF_S3_PREFIX": place.prefix,
            "WHARF_S3_ACCESS_KEY": place.server.accessKeyID,
            "WHARF_S3_SECRET_KEY": place.server.secretAccessKey,
        ]
    }

    /// A part of the bucket that all tests of this process share.
    private struct Place {
        let server: any S3Server
        let bucket: String
        let prefix: String
    }

    private func place(for folder: String) async throws -> Place? {
        let server: any S3Server
        switch self {
        case .files: return nil
        case .radosgw: server = try await RadosGateway.shared
        case .rclone: server = try await RcloneS3.shared
        }
        let number = Self.folders.withLock { folders in
            let number = folders[folder] ?? folders.count + 1
            folders[folder] = number
            return number
        }
        return Place(server: server, bucket: try await bucket(of: server), prefix: "test-\(number)")
    }

    private func bucket(of server: any S3Server) async throws -> String {
        let making = Self.buckets.withLock { buckets in
            let making = buckets[self] ?? Task { try await server.makeBucket() }
            buckets[self] = making
            return making
        }
        return try await making.value
    }

    private static let folders = Mutex<[String: Int]>([:])
    private static let buckets = Mutex<[TestBlobs: Task<String, any Error>]>([:])

    /// What dials for all tests of this process, and ends with it.
    private static let transport = Result {
        var configuration = OutgoingClient.Configuration()
        configuration.limits = S3Limits().outgoing
        return try OutgoingClient(configuration)
    }
}
