import NIOCore
import NIOPosix
public import NetworkAddress

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What finds the addresses of a name.
public struct AddressResolver: Sendable {
    /// The addresses of a host in the order in which they should be tried; none when there is no such name.
    ///
    /// The second parameter is how long it may take.
    public let addresses: @Sendable (String, Duration) async throws -> [IPAddress]

    /// A resolver of one's own.
    public init(_ addresses: @escaping @Sendable (String, Duration) async throws -> [IPAddress]) {
        self.addresses = addresses
    }

    /// The system's: `/etc/hosts`, DNS, whatever the machine is set up with.
    ///
    /// The call of the system cannot be interrupted, so that it is left to itself when its time is over.
    public static let system = AddressResolver { host, limit in
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        let promise = loop.makePromise(of: [IPAddress].self)
        let alarm = loop.scheduleTask(in: TimeAmount(limit)) {
            promise.fail(OutgoingError(.timedOut, "The name \(host) was not found within \(limit)."))
        }
        threads.submit { state in
            guard case .active = state else { return promise.fail(ChannelError.ioOnClosedChannel) }
            promise.completeWith(Result { try lookUp(host) })
        }
        defer { alarm.cancel() }
        return try await withTaskCancellationHandler {
            try await promise.futureResult.get()
        } onCancel: {
            promise.fail(CancellationError())
        }
    }

    /// Few: a name server that does not answer holds one for half a minute.
    private static let threads: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: 4)
        pool.start()
        return pool
    }()

    private static func lookUp(_ host: String) throws -> [IPAddress] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = SocketKind.stream
        hints.ai_flags = AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, nil, &hints, &list)
        defer { if let list { freeaddrinfo(list) } }
        switch code {
        case 0: break
        case EAI_NONAME, SocketKind.noAddress: return []
        default:
            throw OutgoingError(
                .nameNotFound,
                "The name \(host) could not be looked up: \(String(cString: gai_strerror(code))). "
                    + "Look at the name servers of this machine."
            )
        }
        var found: [IPAddress] = []
        var next = list
        while let entry = next {
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let length = socklen_t(text.count)
            let info = entry.pointee
            if getnameinfo(info.ai_addr, info.ai_addrlen, &text, length, nil, 0, NI_NUMERICHOST) == 0 {
                let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
                if let address = IPAddress(String(decoding: bytes, as: UTF8.self)), !found.contains(address) {
                    found.append(address)
                }
            }
            next = info.ai_next
        }
        return found
    }
}

/// What the C libraries type or name differently.
private enum SocketKind {
    #if canImport(Glibc)
        static let stream = Int32(SOCK_STREAM.rawValue)
        /// A name without an address: `EAI_NODATA`, which Glibc shows only to those who ask for GNU's extensions.
        static let noAddress: Int32 = -5
    #else
        static let stream = SOCK_STREAM
        static let noAddress = EAI_NODATA
    #endif
}
