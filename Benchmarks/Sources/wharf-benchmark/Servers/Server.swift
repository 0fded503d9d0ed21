import Foundation

/// A server that runs, seen from outside: a port, and what the kernel says of its processes.
final class Server {
    /// How long a start may take.
    private static let startMax = 20.0

    let party: Party
    let port: Int
    let isEncrypted: Bool
    private let isControlled: Bool
    /// From the start of the process to the first answer.
    private(set) var startSeconds = 0.0
    private let process: ChildProcess
    private let log: String

    init(
        _ party: Party,
        program: String,
        folder: String,
        certificate: Certificate?,
        isControlled: Bool = false,
        variables: [String] = []
    ) throws {
        self.party = party
        self.isControlled = isControlled
        port = try Sockets.freePort()
        isEncrypted = certificate != nil
        log = folder + "/log"
        let command = party.command(
            program: program,
            folder: folder,
            port: port,
            certificate: certificate,
            isControlled: isControlled
        )
        if let configuration = command.configuration {
            try configuration.text.write(toFile: configuration.path, atomically: false, encoding: .utf8)
        }
        let start = Clock.now
        process = try ChildProcess(command.arguments, environment: command.environment + variables, output: log)
        do {
            try waitUntilReady(since: start)
        } catch {
            process.stop()
            throw Failure("\(error)\n\(logTail)")
        }
        startSeconds = Clock.now - start
    }

    /// Ends it; whoever started it does so.
    func stop() {
        process.stop()
    }

    /// The processes whose CPU and memory are the server's.
    var processes: [pid_t] { ProcessTree.members(of: process.identifier) }

    /// Resident memory now, in MiB.
    var residentMemory: Double { memory("VmRSS") }

    /// The largest resident memory since the start, in MiB.
    var peakMemory: Double { memory("VmHWM") }

    /// The end of what the server printed.
    var logTail: String {
        let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").suffix(5).joined(separator: "\n")
    }

    private func memory(_ field: String) -> Double {
        let sum = processes.reduce(0) { $0 + (ProcessTree.field(field, of: $1) ?? 0) }
        return Double(sum) / 1024
    }

    /// With TLS, until it accepts a connection; otherwise until it answers with 200.
    private func waitUntilReady(since start: Double) throws {
        let path = party == .nginx ? "/manifest" : isControlled ? "/livez" : "/v2/"
        while true {
            try Interruption.check()
            guard process.isRunning else { throw Failure("\(party.rawValue): the server ended at its start") }
            do {
                let clients = try Clients(1, port: port)
                if isEncrypted { return }
                return try clients.run([
                    { response in
                        guard let response else { return Request("GET", path) }
                        try response.expect(200)
                        return nil
                    }
                ])
            } catch {
                guard Clock.now - start < Self.startMax else { throw error }
                usleep(500)
            }
        }
    }
}
