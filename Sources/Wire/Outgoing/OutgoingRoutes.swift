import AsyncHTTPClient
import Synchronization

/// The transports in use, one for each route, so that connections are used again.
///
/// What nobody uses is kept for the next request, up to ``OutgoingLimits/idleRoutesMax``.
final class OutgoingRoutes: Sendable {
    private struct Entry {
        let transport: HTTPClient
        var leases = 0
        var lastUse: UInt64 = 0
    }

    private struct State {
        var entries: [OutgoingRoute: Entry] = [:]
        var useCount: UInt64 = 0
        var isClosed = false

        /// The transports that nobody uses and that are too many to keep; the least used go first.
        mutating func takeSuperfluous() -> [HTTPClient] {
            let idle = entries.filter { $0.value.leases == 0 }.sorted { $0.value.lastUse < $1.value.lastUse }
            return idle.dropLast(OutgoingLimits.idleRoutesMax).map { route, entry in
                entries[route] = nil
                return entry.transport
            }
        }
    }

    /// The right to use a transport for as long as this is held: it is not shut down before.
    final class Lease: Sendable {
        let transport: HTTPClient
        private let route: OutgoingRoute
        private let routes: OutgoingRoutes

        fileprivate init(transport: HTTPClient, route: OutgoingRoute, routes: OutgoingRoutes) {
            self.transport = transport
            self.route = route
            self.routes = routes
        }

        deinit { routes.giveBack(route) }
    }

    private let state = Mutex(State())
    private let make: @Sendable (OutgoingRoute) -> HTTPClient

    init(make: @escaping @Sendable (OutgoingRoute) -> HTTPClient) {
        self.make = make
    }

    /// A transport for a route; nil when all have been shut down.
    func lease(_ route: OutgoingRoute) async -> Lease? {
        let (transport, superfluous) = state.withLock { state -> (HTTPClient?, [HTTPClient]) in
            guard !state.isClosed else { return (nil, []) }
            var entry = state.entries[route] ?? Entry(transport: make(route))
            state.useCount += 1
            entry.lastUse = state.useCount
            entry.leases += 1
            state.entries[route] = entry
            return (entry.transport, state.takeSuperfluous())
        }
        let lease = transport.map { Lease(transport: $0, route: route, routes: self) }
        for transport in superfluous { await Self.shutDown(transport) }
        return lease
    }

    /// Ends all connections, also those in use; there is no lease afterwards.
    func shutDown() async {
        let entries = state.withLock { state in
            state.isClosed = true
            defer { state.entries = [:] }
            return state.entries
        }
        for entry in entries.values { await Self.shutDown(entry.transport) }
    }

    /// How many transports there are.
    var count: Int {
        state.withLock { $0.entries.count }
    }

    private func giveBack(_ route: OutgoingRoute) {
        state.withLock { $0.entries[route]?.leases -= 1 }
    }

    /// A transport whose shutdown reports an error is shut down all the same: it tells of requests that it ended.
    private static func shutDown(_ transport: HTTPClient) async {
        try? await transport.shutdown()
    }
}
