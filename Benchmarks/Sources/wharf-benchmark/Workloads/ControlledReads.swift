import Foundation

/// What it costs to ask who calls: a manifest with a token that was seen before, beside the same without access
/// control; and pulls that get a new token each.
final class ControlledReads: Workload {
    private static let clientCount = 32
    private static let secondsMax = 1.5
    private static let warmUpSeconds = 0.2
    /// The requests of a pull besides that for the token.
    private static let pullReadCount = 6
    private static let repository = "bench/controlled"

    let parties = [Party.ours]
    let rows = [
        Row(
            name: "token-seen",
            work: "GET manifest with a token seen before: CPU above that without access control",
            figure: .perSecond,
            cpu: .request,
            targets: [.cpu(atMost: 10)]
        ),
        Row(
            name: "token-fresh",
            work: "pull of seven requests, the first for a token",
            figure: .perSecond,
            cpu: .request,
            targets: []
        ),
    ]

    private let scope = "repository:\(repository):pull"

    func measure(_ party: Party, on stage: Stage) throws -> [String: Sample] {
        let image = Image(layer: stage.payload.small, number: 0)
        let folder = try stage.makeFolder()
        let open = try stage.withServer(party, folder: folder) { server in
            let clients = try Clients(Self.clientCount, port: server.port)
            try clients.run([Step.script(image.push(to: Self.repository, tag: "latest"))])
            return try read(image, from: server, clients, headers: [])
        }
        return try stage.withServer(party, folder: folder, isControlled: true) { server in
            let clients = try Clients(Self.clientCount, port: server.port)
            let token = try token(clients)
            var seen = try read(image, from: server, clients, headers: ["Authorization: Bearer \(token)"])
            seen.serverCPU -= open.serverCPU / open.operations * seen.operations
            return ["token-seen": seen, "token-fresh": try pull(image, from: server, clients)]
        }
    }

    // MARK: A token seen before

    private func read(
        _ image: Image,
        from server: Server,
        _ clients: Clients,
        headers: [String]
    ) throws -> Sample {
        let request = manifestRequest(headers)
        func read(seconds: Double) throws -> Double {
            let end = Clock.now + seconds
            var count = 0
            let script: Script = { response in
                if let response {
                    try response.expect(200, bodyCount: image.manifest.count)
                    count += 1
                }
                return Clock.now < end ? request : nil
            }
            try clients.run(Array(repeating: script, count: Self.clientCount))
            return Double(count)
        }
        _ = try read(seconds: Self.warmUpSeconds)
        return try server.measure { try read(seconds: Self.secondsMax) }
    }

    private func manifestRequest(_ headers: [String]) -> Request {
        Request(
            "GET",
            "/v2/\(Self.repository)/manifests/latest",
            headers: ["Accept: \(Blob.manifestMediaType)"] + headers
        )
    }

    // MARK: A token for each pull

    private func pull(_ image: Image, from server: Server, _ clients: Clients) throws -> Sample {
        try server.measure {
            let end = Clock.now + Self.secondsMax
            var count = 0
            let scripts = (0..<Self.clientCount).map { _ -> Script in
                var next = 0
                var read = self.tokenRequest
                return { response in
                    if let response {
                        try response.expect(200)
                        if next == 0 {
                            read = self.manifestRequest(["Authorization: Bearer \(try Self.token(in: response))"])
                        }
                        next += 1
                        if next > Self.pullReadCount {
                            next = 0
                            count += 1
                            guard Clock.now < end else { return nil }
                        }
                    }
                    return next == 0 ? self.tokenRequest : read
                }
            }
            try clients.run(scripts)
            return Double(count)
        }
    }

    private var tokenRequest: Request {
        let credentials = Data("admin:\(Party.password)".utf8).base64EncodedString()
        return Request(
            "GET",
            "/token?service=wharf&scope=\(scope)",
            headers: ["Authorization: Basic \(credentials)"],
            keepsBody: true
        )
    }

    private func token(_ clients: Clients) throws -> String {
        var token = ""
        let request = tokenRequest
        try clients.run([
            { response in
                guard let response else { return request }
                token = try Self.token(in: response.expect(200))
                return nil
            }
        ])
        return token
    }

    private struct Grant: Decodable {
        var token: String
    }

    private static func token(in response: Response) throws -> String {
        try JSONDecoder().decode(Grant.self, from: Data(response.body)).token
    }
}
