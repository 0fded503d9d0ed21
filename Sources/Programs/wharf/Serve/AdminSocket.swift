import Glibc
import HTTPServing
import Logging
import Metadata
import NIOCore
import NIOPosix
import Observability

/// `DIR/admin.sock`: whoever may open it on the machine is the administrator, so that a lost password is never the end.
struct AdminSocket {
    private let server: HTTPServer?
    private let path: String

    /// The name of the file in the data folder.
    static let name = "admin.sock"
    /// The longest path of a socket (unix(7)), in bytes.
    private static let pathByteCountMax = 107

    /// Serves on the socket of a folder; where there can be none, the log says why, and the registry runs without.
    static func open(
        in folder: String,
        _ responder: any HTTPResponder,
        group: any EventLoopGroup,
        threads: NIOThreadPool,
        log: Logger
    ) async -> AdminSocket {
        let path = "\(folder)/\(name)"
        guard path.utf8.count <= pathByteCountMax else {
            log.warning(
                "no admin.sock: the path of the data folder is too long for a socket",
                metadata: ["path": .string(path), "bytes": .stringConvertible(pathByteCountMax)]
            )
            return AdminSocket(server: nil, path: path)
        }
        do {
            let server = try await HTTPServer.start(
                HTTPServer.Configuration(host: "", port: 0, proxies: TrustedProxies([]), accessLog: log),
                onSocket: path,
                responder: responder,
                metrics: ServerMetrics(MetricSet()),
                group: group,
                threads: threads
            )
            return AdminSocket(server: server, path: path)
        } catch {
            log.warning(
                "no admin.sock: wharf's commands must log in over the network",
                metadata: ["path": .string(path), "error": .string("\(error)")]
            )
            return AdminSocket(server: nil, path: path)
        }
    }

    /// Ends what is under way soon, and takes the file away.
    func close() async {
        guard let server else { return }
        _ = await server.drain(within: .seconds(2))
        unlink(path)
    }
}
