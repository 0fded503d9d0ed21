public import Logging
import NIOSSL
import NetworkAddress

/// The one place where HTTP is dialled.
///
/// A request is sent once. Nothing is repeated here, because only the operation knows what is safe to repeat; before
/// the first byte is sent, though, the other addresses of a name are tried. A redirect is followed where the request
/// says so. The guard is asked with the addresses of a name, and exactly one that it allows is dialled; through a
/// proxy, the tunnel is asked for to that address. Connections are kept and used again.
///
/// A client must be shut down: by ``withClient(_:_:)``, or by ``shutDown()``.
public final class OutgoingClient: Sendable {
    /// What a client is made with.
    public struct Configuration: Sendable {
        /// Whom it believes.
        public var tls = OutgoingTLS()
        /// Which proxies it goes through.
        public var proxies = ProxySelection.none
        /// Which addresses it dials.
        public var guardian = AddressGuard.anywhere
        /// How long anything may take.
        public var limits = OutgoingLimits()
        /// What finds addresses, where the guard must look at them.
        public var resolver = AddressResolver.system
        /// Where it says what it does, without secrets.
        public var log = Logger(label: "outgoing") { _ in SwiftLogNoOpLogHandler() }

        /// The usual: the system's authorities, no proxy, every address.
        public init() {}
    }

    let configuration: Configuration
    let routes: OutgoingRoutes

    /// Reads the files of TLS; dials nothing.
    ///
    /// - Throws: ``OutgoingError`` with `tls` when a file cannot be read.
    public init(_ configuration: Configuration) throws {
        self.configuration = configuration
        let tls = try configuration.tls.configuration()
        if configuration.tls.verification == .insecureAcceptsAnyCertificate {
            configuration.log.warning(
                "Certificates are not looked at: anybody on the way may read and change everything."
            )
        }
        routes = OutgoingRoutes { route in
            route.transport(tls: tls, limits: configuration.limits, guardian: configuration.guardian)
        }
    }

    /// Runs `body` with a client and shuts it down afterwards, whatever happens.
    public static func withClient<Value: Sendable>(
        _ configuration: Configuration = Configuration(),
        _ body: (OutgoingClient) async throws -> Value
    ) async throws -> Value {
        let client = try OutgoingClient(configuration)
        do {
            let value = try await body(client)
            await client.shutDown()
            return value
        } catch {
            await client.shutDown()
            throw error
        }
    }

    /// Ends all connections, also those in use; every later request fails with `clientClosed`.
    public func shutDown() async {
        await routes.shutDown()
    }

    /// Sends a request and waits for the header of the answer.
    ///
    /// Any status is an answer. The body is read as its chunks are asked for.
    ///
    /// - Throws: ``OutgoingError``.
    public func send(_ request: OutgoingRequest) async throws -> OutgoingResponse {
        var request = request
        var rules = RedirectRules()
        while true {
            let response = try await exchange(request)
            let location = response.headers["Location"]
            switch try rules.next(after: request, status: response.status, location: location) {
            case .deliver: return response
            case .follow(let next):
                await response.body.discard()
                request = next
            }
        }
    }
}
