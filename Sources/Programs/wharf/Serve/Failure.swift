import BlobStorage
import Glibc
import Metadata
import NIOCore

/// Why a command could not do its work, as a sentence for whoever typed it.
struct Failure: Error, CustomStringConvertible {
    let description: String

    /// What an error means to an operator: what is wrong, and what to do.
    static func explaining(_ error: any Error) -> Failure {
        switch error {
        case let error as BlobStoreError:
            Failure(description: error.message)
        case let error as MetadataError:
            Failure(description: sentence(for: error))
        case let error as IOError where error.errnoCode == EADDRINUSE:
            Failure(
                description: "The address is in use: another program listens there. Stop it, or choose another "
                    + "with --listen HOST:PORT."
            )
        case let error as IOError where error.errnoCode == EACCES:
            Failure(description: "The address may not be listened on (\(error)): ports below 1024 need a right.")
        default:
            Failure(description: "\(error)")
        }
    }

    private static func sentence(for error: MetadataError) -> String {
        switch error.code {
        case .corrupt:
            "The database is damaged: \(error.message). Put back a copy of the data folder; its blobs are not touched."
        case .newerVersion:
            "\(error.message)."
        default:
            "The database cannot be used: \(error.message)."
        }
    }
}
