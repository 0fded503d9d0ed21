import BlobStorage
import Glibc
import Metadata
import NIOCore
import Settings

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
        default:
            Failure(description: "\(error)")
        }
    }

    /// Why nobody can listen on an address.
    static func explaining(_ error: any Error, on address: ListenAddress) -> Failure {
        switch error {
        case let error as IOError:
            Failure(description: sentence(for: error, address))
        case is SocketAddressError, is SocketAddressError.UnknownHost:
            Failure(
                description: "The host name \(address.host) cannot be found. Listen on an address of this machine, "
                    + "such as 127.0.0.1:\(address.port), or on 0.0.0.0:\(address.port) for all of them."
            )
        default:
            explaining(error)
        }
    }

    private static func sentence(for error: IOError, _ address: ListenAddress) -> String {
        switch error.errnoCode {
        case EADDRINUSE:
            "The address is in use: another program listens on \(address). Stop it, or choose another with "
                + "--listen HOST:PORT."
        case EADDRNOTAVAIL:
            "No interface of this machine has the address \(address.host). Choose one that has it, or "
                + "0.0.0.0:\(address.port) for all of them, with --listen HOST:PORT."
        case EACCES where (1..<1024).contains(address.port):
            "This user may not listen on port \(address.port): ports below 1024 need the right "
                + "CAP_NET_BIND_SERVICE. Grant it, or choose a port from 1024 on with --listen HOST:PORT."
        default:
            "\(address) cannot be listened on: \(error)."
        }
    }

    private static func sentence(for error: MetadataError) -> String {
        switch error.code {
        case .corrupt:
            "The database is damaged: \(error.message). Put back a copy of the data folder; its blobs are not touched."
        case .newerVersion:
            "\(error.message)."
        case .full:
            "The disk is full, and the database needs room: free some (\(error.message))."
        default:
            "The database cannot be used: \(error.message)."
        }
    }
}
