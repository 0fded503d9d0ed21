import Documents

extension DaemonFile {
    /// What keeps dockerd from starting, what it passes over, and what will not work.
    var problems: [ToolFileProblem] {
        keyProblems + proxyProblems + mirrorProblems + insecureProblems
    }

    private var keyProblems: [ToolFileProblem] {
        guard case .object(let members) = root else { return [] }
        return members.map(\.name).filter { !DaemonKeys.known.contains($0) }.map { name in
            let advice = DaemonKeys.mistaken[name] ?? Self.alike(name).map { "did you mean \"\($0)\"?" }
            let message = "dockerd knows no key \"\(name)\" and does not start"
            guard DaemonKeys.proxies.contains(name) else {
                return problem(.unknownKey, "\(message): \(advice ?? "take it out")", at: name)
            }
            return problem(.unknownKey, "\"\(name)\" has no effect here: \(advice ?? "")", at: name)
        }
    }

    /// The known key that differs in case or in its dashes alone, or by an `s`.
    private static func alike(_ name: String) -> String? {
        func core(_ name: String) -> String {
            String(name.lowercased().filter { $0 != "-" && $0 != "_" && $0 != "." && $0 != "s" })
        }
        return DaemonKeys.known.sorted().first { core($0) == core(name) }
    }

    private var proxyProblems: [ToolFileProblem] {
        guard case .object(let members) = root["proxies"] else { return [] }
        return members.map(\.name).filter { !DaemonKeys.proxies.contains($0) }.map { name in
            let known = "under \"proxies\" dockerd knows only \"http-proxy\", \"https-proxy\" and \"no-proxy\""
            let isClient = name == "default" || name.hasSuffix("Proxy") || name.contains("://")
            let advice = isClient ? "; \"\(name)\" belongs in config.json, the file of the command line" : ""
            return problem(.unknownKey, "\(known), and does not start with \"\(name)\"\(advice)", at: name)
        }
    }

    private var mirrorProblems: [ToolFileProblem] {
        let texts: [String]
        do throws(ToolFileProblem) { texts = try mirrors() } catch { return [error] }
        return texts.compactMap { text in
            let address = EndpointAddress(text)
            if let message = DeadMirror.message(address) { return problem(.deadMirror, message, at: text) }
            guard let reason = Self.refusal(of: address) else { return nil }
            let message = "dockerd does not start with a mirror that \(reason)"
            return problem(.wrongValue, message, at: text)
        }
    }

    /// Why dockerd refuses a mirror (ValidateMirror in moby's registry/config.go).
    private static func refusal(of address: EndpointAddress) -> String? {
        switch address.scheme {
        case "http", "https": break
        case nil: return "has no scheme; write https://\(address.host)"
        case let scheme?: return "has the scheme \(scheme); only http and https will do"
        }
        if address.hasUser { return "has a name or password in its address; log in with docker login instead" }
        if address.hasQuery { return "has a query; write https://\(address.host)" }
        guard address.path.isEmpty else {
            return "has a path; write https://\(address.host), or ask who runs the mirror for a host of its own"
        }
        return address.host.isEmpty ? "has no host" : nil
    }

    private var insecureProblems: [ToolFileProblem] {
        let texts: [String]
        do throws(ToolFileProblem) { texts = try insecureRegistries() } catch { return [error] }
        return texts.compactMap { text in
            if text == "0.0.0.0/0" || text == "::/0" {
                let message = "\(text) makes every registry insecure; name the hosts that are"
                return problem(.insecure, message, at: text, severity: .warning)
            }
            guard text.contains("://") else { return nil }
            let advice = "write \"\(EndpointAddress(text).host)\""
            let message = "an insecure registry is a host, with a port, or a block of addresses: \(advice)"
            return problem(.wrongValue, message, at: text, severity: .warning)
        }
    }
}
