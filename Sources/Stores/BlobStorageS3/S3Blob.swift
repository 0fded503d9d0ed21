import BlobStorage
import Foundation
import NIOCore
import Outgoing

/// A blob in a bucket, which is asked for when it is read.
struct S3Blob: RemoteBlob {
    let client: S3Client
    let key: String
    let facts: S3ObjectFacts
    /// The name of the server that readers know; nil for the one that is dialled here.
    let publicEndpoint: OutgoingURL?
    /// Where readers are sent in place of the bucket; nil for nowhere else.
    let cdn: S3CDN?

    func location(for lifetime: Duration) async throws -> String? {
        do {
            if let cdn {
                let end = client.pacing.now() + TimeInterval(lifetime.components.seconds)
                let url = try cdn.location(of: try client.address.full(key), until: end)
                return "\(url.target)\(url.pathAndQuery)"
            }
            let url = try await client.presignedGet(
                key,
                lifetime: lifetime,
                overrides: S3ResponseFields(contentType: "application/octet-stream"),
                endpoint: publicEndpoint
            )
            return "\(url.target)\(url.pathAndQuery)"
        } catch let error as S3Error {
            throw error.asStoreError
        }
    }

    func read(_ range: Range<Int64>) async throws -> any RemoteBytes {
        let range = range.clamped(to: 0..<facts.byteCount)
        guard !range.isEmpty else { return S3Bytes(nil) }
        do {
            // A store that knows no ranges gives the whole all the same.
            let part = range == 0..<facts.byteCount ? nil : range
            return S3Bytes(try await client.get(key, range: part, etag: facts.etag).body.makeAsyncIterator())
        } catch let error as S3Error {
            throw Self.told(error)
        }
    }

    /// An object that became another is gone, too.
    static func told(_ error: S3Error) -> any Error {
        error.code == .preconditionFailed ? BlobStoreError(.notFound, error.message) : error.asStoreError
    }
}

/// The bytes of a blob on their way here.
///
/// One reader goes through them once; what is where is this actor's alone.
private actor S3Bytes: RemoteBytes {
    private var bytes: S3ObjectBody.AsyncIterator?

    init(_ bytes: S3ObjectBody.AsyncIterator?) {
        self.bytes = bytes
    }

    func next(upTo byteCount: Int) async throws -> [ByteBuffer]? {
        guard var iterator = bytes else { return nil }
        // A failure or a cancellation ends it.
        bytes = nil
        var (batch, count): ([ByteBuffer], Int) = ([], 0)
        do {
            while count < max(byteCount, 1) {
                guard let chunk = try await iterator.next(isolation: self) else {
                    return batch.isEmpty ? nil : batch
                }
                batch.append(chunk)
                count += chunk.readableBytes
            }
        } catch let error as S3Error {
            throw S3Blob.told(error)
        }
        bytes = iterator
        return batch
    }
}
