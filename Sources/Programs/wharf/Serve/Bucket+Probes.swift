import BlobStorageS3
import Foundation
import Logging

extension Bucket {
    /// How old must be what a server has left that was ended while it tried the bucket: none tries for so long.
    private static let probeAge = TimeInterval(86_400)

    /// Removes what servers have left in the bucket that were ended while they tried it.
    ///
    /// It is small and harms nothing: no reason not to start.
    static func removeOldProbes(_ client: S3Client, _ log: Logger) async {
        do {
            let count = try await client.removeProbes(before: Date() - probeAge)
            guard count > 0 else { return }
            log.info("left behind by earlier starts, and removed", metadata: ["objects": .stringConvertible(count)])
        } catch {
            log.notice("what earlier starts left in the bucket stays", metadata: ["error": .string("\(error)")])
        }
    }
}
