import ContainerTools
import NetworkAddress
import OCI
import Outgoing

extension Examination {
    private var probe: ServerProbe { ServerProbe(timeout: configuration.connectTimeout) }

    /// Host and port of what is dialled.
    private var dialled: (host: String, port: Int)? {
        guard let endpoint else { return nil }
        if let proxy { return (proxy.host, proxy.port) }
        return (endpoint.name, endpoint.port ?? (configuration.isPlain ? 80 : 443))
    }

    /// The addresses of the registry, or of the proxy on the way.
    mutating func lookAtNames() async -> Finding {
        guard let endpoint else { return Finding(.dns, .notReached, "There is no registry.") }
        target = secure(endpoint)
        if configuration.isPlain { target = plain(endpoint) }
        do {
            let proxies = try ProxySelection(environment: configuration.machine.environment)
            proxy = target.flatMap { proxies.proxy(for: $0) }
            subject.proxy = proxy?.description
        } catch {
            return failure(.dns, "proxy-unreachable", "\(error).")
        }
        guard let (host, _) = dialled else { return Finding(.dns, .notReached, "There is no registry.") }
        let whose = proxy == nil ? host : "The proxy \(host)"
        if let address = IPAddress(host) {
            addresses = [address]
            return Finding(.dns, .good, "\(whose) is an address itself.")
        }
        do {
            addresses = try await configuration.resolver.addresses(host, configuration.connectTimeout)
        } catch {
            return failure(.dns, proxy == nil ? "dns-failed" : "proxy-unreachable", "\(error)")
        }
        guard !addresses.isEmpty else {
            let code = proxy == nil ? "no-such-host" : "proxy-unreachable"
            return failure(.dns, code, "There is no host named \(host).")
        }
        let list = addresses.map(\.description).joined(separator: ", ")
        return Finding(.dns, .good, "\(whose) has the address\(addresses.count == 1 ? "" : "es") \(list).")
    }

    func secure(_ host: RegistryHost) -> OutgoingTarget { .https(host: host.name, port: host.port ?? 443) }
    func plain(_ host: RegistryHost) -> OutgoingTarget { .http(host: host.name, port: host.port ?? 80) }

    /// A connection to the first address that takes one.
    mutating func lookAtConnection() async -> Finding {
        guard let (host, port) = dialled else { return Finding(.tcp, .notReached, "There is no registry.") }
        var complaints: [String] = []
        var codes: [String] = []
        for candidate in addresses.prefix(4) {
            do {
                let duration = try await probe.connect(to: candidate, port: port)
                address = candidate
                let milliseconds = Int(duration / .milliseconds(1))
                let seen = "\(candidate) took the connection at port \(port) in \(milliseconds) ms."
                guard !complaints.isEmpty else { return Finding(.tcp, .good, seen) }
                return Finding(.tcp, .warning, "\(seen) Others did not: \(complaints.joined(separator: "; ")).")
            } catch let error as OutgoingError {
                complaints.append("\(candidate): \(Self.word(for: error))")
                codes.append(proxy == nil && error.code == .timedOut ? "timeout" : code(of: error))
            } catch {
                complaints.append("\(candidate): \(error)")
            }
        }
        let whose = proxy == nil ? host : "the proxy \(host)"
        let seen = "No connection to \(whose) at port \(port): \(complaints.joined(separator: "; "))."
        return failure(.tcp, codes.first ?? "timeout", seen)
    }

    private static func word(for error: OutgoingError) -> String {
        switch error.code {
        case .refused: "the connection was refused"
        case .timedOut: "no answer in time"
        case .unreachable: "there is no way there"
        default: error.message
        }
    }

    /// The way through a proxy, where there is one.
    func lookAtProxy() async -> Finding {
        guard let proxy, let target, let address else {
            let variables = configuration.machine.environment.keys.filter { $0.lowercased().hasSuffix("_proxy") }
            guard variables.contains(where: { $0.lowercased() != "no_proxy" }) else {
                return Finding(.proxy, .good, "No proxy is set in this shell.")
            }
            let names = variables.sorted().joined(separator: ", ")
            return Finding(.proxy, .good, "No proxy is used for this registry, by \(names).")
        }
        let names = ["https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]
        let variable = names.first { name in
            (target.isSecure ? !name.lowercased().hasPrefix("http_") : !name.lowercased().hasPrefix("https"))
                && configuration.machine.environment[name]?.isEmpty == false
        }
        let said = "\(variable ?? "A variable") names the proxy \(proxy)"
        guard target.isSecure else { return Finding(.proxy, .good, "\(said), which sends requests on.") }
        do {
            try await probe.tunnel(to: target, through: proxy, at: address)
        } catch let error as OutgoingError where error.code == .timedOut {
            return failure(.proxy, "proxy-refuses", "\(said). It did not open a way in time.")
        } catch {
            return failure(.proxy, "proxy-refuses", "\(said). \(error)")
        }
        return Finding(.proxy, .good, "\(said), and it lets us through to \(target).")
    }
}
