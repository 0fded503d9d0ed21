import Foundation

/// A blob of 1 GiB pushed and pulled over TLS, by curl on all sides, with one cipher for all.
final class EncryptedBlob: Workload {
    enum Version: String {
        case http1 = "1.1"
        case http2 = "2"
    }

    let parties = Party.allCases
    let rows: [Row]
    private let version: Version

    init(_ version: Version) {
        self.version = version
        let protocolName = version == .http1 ? "HTTP/1.1" : "HTTP/2"
        rows = [
            Row(
                name: "tls-pull-\(version)",
                work: "pull 1 GiB over TLS, \(protocolName)",
                figure: .throughput,
                cpu: .transfer,
                targets: [.cpuToNginx(atMost: 1.2)]
            ),
            Row(
                name: "tls-push-\(version)",
                work: "push 1 GiB over TLS, \(protocolName)",
                figure: .throughput,
                cpu: .transfer,
                targets: [.cpu(atMost: 2)]
            ),
        ]
    }

    func measure(_ party: Party, on stage: Stage) throws -> [String: Sample] {
        let blob = stage.payload.large
        let files = party == .nginx ? ["large": blob] : [:]
        return try stage.withServer(party, isEncrypted: true, files: files) { server in
            let curl = Curl(version: version, port: server.port, output: stage.outputPath)
            var samples: [String: Sample] = [:]
            var path = "/large"
            if party != .nginx {
                samples["tls-push-\(version)"] = try curl.measure(server) { curl in
                    try curl.push(stage.payload, to: "/v2/bench/large/blobs/uploads/")
                }
                path = "/v2/bench/large/blobs/\(blob.digest)"
            }
            sync()
            samples["tls-pull-\(version)"] = try curl.measure(server) { curl in
                try curl.pull(path, bodyCount: blob.count)
            }
            return samples
        }
    }
}

/// curl as the client, with its CPU added up.
private struct Curl {
    var version: EncryptedBlob.Version
    var port: Int
    var output: String
    private var cpuSeconds = 0.0

    init(version: EncryptedBlob.Version, port: Int, output: String) {
        self.version = version
        self.port = port
        self.output = output
    }

    func measure(_ server: Server, _ transfer: (inout Curl) throws -> Void) throws -> Sample {
        var curl = self
        var sample = try server.measure(operations: 1) { try transfer(&curl) }
        sample.clientCPU = curl.cpuSeconds
        return sample
    }

    mutating func pull(_ path: String, bodyCount: Int) throws {
        let answer = try run(path, [])
        guard answer.status == "200", answer.downloaded == String(bodyCount) else {
            throw Failure("curl: expected 200 and \(bodyCount) bytes, got \(answer)")
        }
    }

    mutating func push(_ payload: Payload, to path: String) throws {
        let begun = try run(path, ["-X", "POST", "-H", "Content-Length: 0"])
        guard begun.status == "202", let url = begun.location else { throw Failure("curl: expected 202, got \(begun)") }
        let location = try Response(status: 202, location: url).locationPath()
        let separator = location.contains("?") ? "&" : "?"
        let body = ["-T", payload.path, "-H", "Content-Type: application/octet-stream", "-H", "Expect:"]
        let ended = try run("\(location)\(separator)digest=\(payload.large.digest)", body)
        guard ended.status == "201" else { throw Failure("curl: expected 201, got \(ended)") }
    }

    /// What curl says of a transfer.
    private struct Answer {
        var status: String
        var downloaded: String
        var location: String?
    }

    private mutating func run(_ path: String, _ arguments: [String]) throws -> Answer {
        let protocolOption = version == .http1 ? "--http1.1" : "--http2"
        let fixed = ["curl", "-sS", "-k", protocolOption, "--tlsv1.3", "--tls13-ciphers", "TLS_AES_128_GCM_SHA256"]
        let report = ["-o", "/dev/null", "-w", #"%{http_version} %{http_code} %{size_download} %header{location}"#]
        let process = try ChildProcess(
            fixed + report + arguments + ["https://127.0.0.1:\(port)\(path)"],
            output: output
        )
        defer { cpuSeconds += process.cpuSeconds }
        try process.waitForSuccess()
        let parts = try String(contentsOfFile: output, encoding: .utf8).split(separator: " ").map(String.init)
        guard parts.count >= 3, parts[0] == version.rawValue else {
            throw Failure("curl did not speak HTTP/\(version.rawValue): \(parts)")
        }
        return Answer(status: parts[1], downloaded: parts[2], location: parts.count > 3 ? parts[3] : nil)
    }
}
