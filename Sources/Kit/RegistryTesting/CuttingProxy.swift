import Foundation
import Synchronization

/// A way to a server that can be cut at any byte.
public final class CuttingProxy: Sendable {
    /// Where a connection is cut.
    public enum Cut: Sendable {
        /// After the server got this many further bytes.
        case afterSending(Int)
        /// After the client got this many further bytes.
        case afterReceiving(Int)
    }

    private enum Direction {
        case toServer, toClient
    }

    /// Where it listens, on 127.0.0.1.
    public let port: Int
    private let target: Int
    private let listener: CInt
    private let cut = Mutex<Cut?>(nil)
    private let descriptors = Mutex<[CInt]>([])

    /// Stands before a port of 127.0.0.1.
    public init(to target: Int) throws {
        self.target = target
        listener = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var address = Self.loopback(port: 0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let (descriptor, length) = (listener, size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, length) == 0 && listen(descriptor, 64) == 0
                    && getsockname(descriptor, generic, &size) == 0
            }
        }
        guard isListening else { throw POSIXError(.EADDRNOTAVAIL) }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [self] in accept() }
    }

    /// Cuts the connection that next comes to that place; one only.
    public func arm(_ cut: Cut) {
        self.cut.withLock { $0 = cut }
    }

    /// Whether nothing was cut yet since ``arm(_:)``.
    public var isArmed: Bool { cut.withLock { $0 != nil } }

    /// Whether nothing was cut since ``arm(_:)``; nothing is any longer.
    public func disarm() -> Bool {
        cut.withLock { cut in
            defer { cut = nil }
            return cut != nil
        }
    }

    /// Ends it; those who wait for it to accept are let go.
    public func stop() {
        shutdown(listener, CInt(SHUT_RDWR))
        for descriptor in descriptors.withLock({ $0 }) { shutdown(descriptor, CInt(SHUT_RDWR)) }
    }

    private func accept() {
        while true {
            let client = Foundation.accept(listener, nil, nil)
            guard client >= 0 else { return }
            let server = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
            var address = Self.loopback(port: target)
            let isConnected = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                    connect(server, generic, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            guard isConnected else {
                close(client)
                close(server)
                continue
            }
            descriptors.withLock { $0 += [client, server] }
            Thread.detachNewThread { [self] in forward(from: client, to: server, .toServer) }
            Thread.detachNewThread { [self] in forward(from: server, to: client, .toClient) }
        }
    }

    private func forward(from source: CInt, to sink: CInt, _ direction: Direction) {
        var space = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = recv(source, &space, space.count, 0)
            guard count > 0 else { break }
            let (allowed, isCut) = allow(count, direction)
            guard send(sink, space, allowed, CInt(MSG_NOSIGNAL)) == allowed, !isCut else { break }
        }
        // The other thread sees the end as well.
        shutdown(source, CInt(SHUT_RDWR))
        shutdown(sink, CInt(SHUT_RDWR))
    }

    private func allow(_ count: Int, _ direction: Direction) -> (count: Int, isCut: Bool) {
        cut.withLock { cut in
            let left: Int
            switch (cut, direction) {
            case (.afterSending(let number), .toServer), (.afterReceiving(let number), .toClient):
                left = number
            default: return (count, false)
            }
            guard left >= count else {
                cut = nil
                return (left, true)
            }
            cut = direction == .toServer ? .afterSending(left - count) : .afterReceiving(left - count)
            return (count, false)
        }
    }

    private static func loopback(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }
}
