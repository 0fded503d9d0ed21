import AWS
import BlobStorageS3
import NIOPosix
import Outgoing
import Settings

extension Bucket {
    /// Where clients are sent for blobs in place of the bucket, as the settings say; nil for nowhere else.
    static func cdn(_ settings: ServerSettings.S3, _ threads: NIOThreadPool) async throws -> S3CDN? {
        guard settings.redirect, let address = settings.cdn, let key = settings.cdnKey else { return nil }
        let text = try await key.revealed(as: "s3.cdn-key", threads)
        let target = try OutgoingURL("\(address)/").target
        do {
            switch settings.cdnSigning {
            case .cloudFront:
                let signature = try CloudFrontSignature(keyID: settings.cdnKeyID ?? "", pem: text)
                return S3CDN(target, signing: .cloudFront(signature))
            case .nginx:
                return S3CDN(target, signing: .nginx(try S3SecureLink(secret: text)))
            }
        } catch let error as AWSError {
            throw StartFailure("s3.cdn-key, s3.cdn-key-id: \(error.message)")
        } catch let error as S3Error {
            throw StartFailure("s3.cdn-key: \(error.message)")
        }
    }
}
