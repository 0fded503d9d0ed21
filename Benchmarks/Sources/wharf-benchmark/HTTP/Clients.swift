import Glibc

/// What one client does: it is given the answer to its last request and returns the next, or nil when it has done.
typealias Script = (_ after: Response?) throws -> Request?

/// Many keep-alive connections driven by one thread with poll(2).
struct Clients {
    /// A server that moves no byte for this long is an error.
    private static let stallMax: Int32 = 60_000

    private let connections: [Connection]

    init(_ count: Int, port: Int) throws {
        try self.init(ports: Array(repeating: port, count: count))
    }

    /// A client for each port.
    init(ports: [Int]) throws {
        connections = try ports.map { try Connection(port: $0) }
    }

    /// Runs one script on each connection, and returns when all have ended.
    func run(_ scripts: [Script]) throws {
        var waiting: [pollfd] = []
        for (connection, script) in zip(connections, scripts) {
            guard let request = try script(nil) else { throw Failure("a client without work") }
            try connection.begin(request)
            waiting.append(pollfd(fd: connection.descriptor, events: connection.events, revents: 0))
        }
        var running = waiting.count
        while running > 0 {
            try Interruption.check()
            let ready = poll(&waiting, nfds_t(waiting.count), Self.stallMax)
            if ready < 0, errno == EINTR { continue }
            guard ready > 0 else { throw Failure("the server stalled for \(Self.stallMax / 1000) s") }
            for index in waiting.indices where waiting[index].revents != 0 {
                let connection = connections[index]
                if let response = try connection.advance(waiting[index].revents) {
                    guard let request = try scripts[index](response) else {
                        waiting[index].fd = -1
                        waiting[index].revents = 0
                        running -= 1
                        continue
                    }
                    try connection.begin(request)
                }
                waiting[index].events = connection.events
            }
        }
    }
}
