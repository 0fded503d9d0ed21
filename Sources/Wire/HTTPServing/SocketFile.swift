import Glibc
import NIOCore
import NIOPosix

/// A socket in the file system, for those on the machine alone.
enum SocketFile {
    /// The peer of a connection is somebody else than the owner of the server.
    struct ForeignPeer: Error {}

    /// `struct ucred` of unix(7), which the module of the C library does not show.
    private struct PeerCredentials {
        var process: pid_t = 0
        var user: uid_t = 0
        var group: gid_t = 0
    }

    /// Listens on a path, with a file that its owner alone may open.
    ///
    /// The mask of the process is narrowed meanwhile, so that there is no moment in which the file is open to others.
    static func bind(_ bootstrap: ServerBootstrap, at path: String) async throws -> any Channel {
        let mask = umask(0o177)
        defer { umask(mask) }
        return try await bootstrap.bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true).get()
    }

    /// Whether a connection came over such a socket.
    static func isBelow(_ channel: any Channel) -> Bool {
        if case .unixDomainSocket? = channel.localAddress { true } else { false }
    }

    /// Throws ``ForeignPeer`` when a connection over a socket in the file system is not the owner's, nor root's.
    ///
    /// Called on the event loop of the connection, where the answer is there at once.
    static func requireOwner(_ channel: any Channel) throws {
        guard isBelow(channel) else { return }
        guard let options = channel as? any SocketOptionProvider else { throw ForeignPeer() }
        var peer: PeerCredentials?
        let asked: EventLoopFuture<PeerCredentials> = options.unsafeGetSocketOption(
            level: .socket,
            name: .init(rawValue: SO_PEERCRED)
        )
        asked.assumeIsolatedUnsafeUnchecked().whenSuccess { peer = $0 }
        guard let peer, peer.user == geteuid() || peer.user == 0 else { throw ForeignPeer() }
    }
}
