import Foundation
import RegistryTesting
import Testing

/// The command, against a registry that lies: how it ends, and how much memory it had at most.
struct HostileRegistry {
    /// What the command did.
    struct Outcome {
        var status: Int32
        var standardOutput: String
        var standardError: String
        /// The most memory that it had, in MiB, of a debug build.
        var memoryMax: Int
    }

    /// In a debug build; nothing that a registry sends has it taken more.
    static let memoryMax = 150

    let server: HostileServer
    let folder: TemporaryFolder

    /// Host and port.
    var authority: String { "127.0.0.1:\(server.port)" }
    /// An image there.
    var image: String { "\(authority)/team/app:1" }
    /// Where an image may go to.
    var layout: String { "\(folder.path)/out" }

    /// Runs `body` with a registry that answers as an honest one with the image does, but for what `lie` says.
    static func with(
        _ image: HostileImage = HostileImage(),
        lie: @escaping @Sendable (Asked) -> Said?,
        _ body: @Sendable (HostileRegistry) async throws -> Void
    ) async throws {
        let answer: @Sendable (Asked, Int) async -> Said = { asked, _ in lie(asked) ?? image.answer(asked) }
        try await HostileServer.run(answer) { server in
            try await body(HostileRegistry(server: server, folder: try TemporaryFolder()))
        }
    }

    /// Runs a command to its end.
    func run(_ arguments: String...) async throws -> Outcome { try await run(arguments) }

    /// Runs a command to its end.
    func run(_ arguments: [String]) async throws -> Outcome {
        var command = WharfProcess.command(
            arguments,
            environment: [
                "HOME": folder.path, "DOCKER_CONFIG": "\(folder.path)/docker", "XDG_RUNTIME_DIR": folder.path,
            ]
        )
        command.environment.updateValue(nil, forKey: "REGISTRY_AUTH_FILE")
        let process = try command.start()
        let deadline = ContinuousClock.now + .seconds(120)
        var memoryMax = 0
        // The peak only grows: the last look at it is near its end.
        while process.status == nil {
            memoryMax = max(memoryMax, Self.memory(of: process.pid) ?? 0)
            if ContinuousClock.now > deadline {
                Issue.record("\(command) does not end: \(process.standardError)")
                await process.kill()
            }
            try await Task.sleep(for: .milliseconds(3))
        }
        return Outcome(
            status: process.status ?? -1,
            standardOutput: process.standardOutput,
            standardError: process.standardError,
            memoryMax: memoryMax
        )
    }

    private static func memory(of process: Int32) -> Int? {
        let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        let line = status?.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return line?.split(separator: " ").dropLast().last.flatMap { Int($0) }.map { $0 >> 10 }
    }

    /// What was refused: with a sentence, in little memory, and with nothing on the disk.
    func expectRefusal(
        _ outcome: Outcome,
        status: Int32,
        saying words: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        #expect(outcome.status == status, "\(outcome)", sourceLocation: sourceLocation)
        #expect(outcome.standardError.contains(words), "\(outcome)", sourceLocation: sourceLocation)
        #expect(outcome.standardOutput.isEmpty, "\(outcome)", sourceLocation: sourceLocation)
        #expect(outcome.standardError.utf8.count < 2000, "\(outcome)", sourceLocation: sourceLocation)
        #expect(outcome.memoryMax <= Self.memoryMax, "\(outcome)", sourceLocation: sourceLocation)
        let index = try? String(contentsOfFile: "\(layout)/index.json", encoding: .utf8)
        #expect(index?.contains("digest") != true, "nothing is named in the layout", sourceLocation: sourceLocation)
        let blobs = (try? FileManager.default.contentsOfDirectory(atPath: "\(layout)/blobs/sha256")) ?? []
        let lies = blobs.filter { name in
            let bytes = FileManager.default.contents(atPath: "\(layout)/blobs/sha256/\(name)") ?? Data()
            return SampleBlob([UInt8](bytes)).digest != "sha256:\(name)"
        }
        #expect(lies.isEmpty, "what is kept has its digest", sourceLocation: sourceLocation)
    }
}

/// An image that a registry has.
struct HostileImage: Sendable {
    var config: SampleBlob
    var layer: SampleBlob
    var manifest: SampleManifest

    init(
        layer: SampleBlob = SampleBlob(count: 100_000, seed: 1),
        config: SampleBlob = SampleBlob(#"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers"}}"#),
        configByteCount: Int? = nil
    ) {
        self.layer = layer
        self.config = config
        let size = configByteCount ?? config.bytes.count
        let type = "application/vnd.oci.image.config.v1+json"
        manifest = .image(
            config: #"{"mediaType":"\#(type)","digest":"\#(config.digest)","size":\#(size)}"#,
            layers: [layer.descriptor("application/vnd.oci.image.layer.v1.tar+gzip")]
        )
    }

    /// What an honest registry says.
    func answer(_ asked: Asked) -> Said {
        let isHead = asked.method == "HEAD"
        let path = asked.target.prefix { $0 != "?" }
        guard asked.method == "GET" || isHead else { return .answer(405) }
        switch path {
        case "/v2/": return .json(200, "{}")
        case "/v2/team/app/manifests/1", "/v2/team/app/manifests/\(manifest.digest)":
            let fields = [("Content-Type", manifest.mediaType), ("Docker-Content-Digest", manifest.digest)]
            return .answer(200, fields, isHead ? [] : manifest.bytes, length: manifest.bytes.count)
        case "/v2/team/app/blobs/\(config.digest)":
            return .answer(200, [], isHead ? [] : config.bytes, length: config.bytes.count)
        case "/v2/team/app/blobs/\(layer.digest)":
            return .answer(200, [], isHead ? [] : layer.bytes, length: layer.bytes.count)
        default: return .json(404, #"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"none"}]}"#)
        }
    }
}
