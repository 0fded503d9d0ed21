import Archives
import Foundation
import RegistryTesting
import Testing

@Suite("Archives that lie, and files that cannot be written")
struct HostileArchiveTests {
    /// A tar archive of files.
    static func tar(_ files: [(name: String, content: [UInt8])], links: [(String, String)] = []) throws -> [UInt8] {
        var writer = TarWriter()
        var bytes: [UInt8] = []
        for (name, target) in links {
            bytes += try writer.whole(TarEntry(path: name, kind: .symbolicLink, target: target))
        }
        for (name, content) in files { bytes += try writer.whole(TarEntry(path: name), content) }
        return bytes + writer.finish()
    }

    /// What is wrong with an archive.
    enum Lie: String, CaseIterable, Sendable, CustomTestStringConvertible {
        case up = "a name with .."
        case absolute = "an absolute name"
        case linkOut = "a link that leads out"
        case twice = "two entries of one name"
        case cut = "an end in the midst of a file"
        case config = "a config with another digest than its name"
        case layer = "a layer with another digest than the config says"
        case bomb = "a thousand times its size"

        var testDescription: String { rawValue }
        var words: String {
            switch self {
            case .up, .absolute: "could lead out of its folder"
            case .linkOut: "leads out of the archive"
            case .twice: "two entries of the name"
            case .cut: "the end of the archive"
            case .config, .layer: "digest"
            case .bomb: "times its size"
            }
        }
    }

    @Test("an archive is refused, and nothing is taken from it, that has", arguments: Lie.allCases)
    func refused(lie: Lie) async throws {
        try await HostileRegistry.with(lie: { asked in
            // It would take anything.
            switch asked.method {
            case "POST": .answer(202, [("Location", "/v2/team/app/blobs/uploads/1")])
            case "PUT", "PATCH": .answer(201)
            default: asked.target == "/v2/" ? nil : .answer(404, isHead: asked.method == "HEAD")
            }
        }) { registry in
            let path = "\(registry.folder.path)/image.tar"
            try await Self.write(lie, to: path)
            let archive = "docker-archive:\(path)"
            for target in ["oci:\(registry.layout):1", registry.image] {
                let outcome = try await registry.run("copy", archive, target, "--quiet")
                try registry.expectRefusal(outcome, status: 1, saying: lie.words)
            }
            let tagged = registry.server.lines.filter { $0.hasPrefix("PUT /v2/team/app/manifests/") }
            #expect(tagged.isEmpty)
            #expect(!FileManager.default.fileExists(atPath: "\(registry.folder.path)/evil"))
        }
    }

    private static func write(_ lie: Lie, to path: String) async throws {
        let layer = try tar([("file", Array(repeating: 1, count: 5000))])
        let diff = lie == .layer ? SampleBlob("another").digest : SampleBlob(layer).digest
        let config = SampleBlob(
            #"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":["\#(diff)"]}}"#
        )
        let digest = lie == .config ? SampleBlob("another").digest : config.digest
        let name = "\(digest.dropFirst(7)).json"
        let list = #"[{"Config":"\#(name)","RepoTags":["example.com/app:1"],"Layers":["layer.tar"]}]"#
        var files = [("manifest.json", Array(list.utf8)), (name, config.bytes), ("layer.tar", layer)]
        var links: [(String, String)] = []
        switch lie {
        case .up: files.append(("../evil", [1]))
        case .absolute: files.append(("/tmp/evil", [1]))
        case .linkOut: links = [("link", "../../evil")]
        case .twice: files.append(("manifest.json", Array("[]".utf8)))
        case .bomb:
            try await bomb(at: path)
            return
        case .cut, .config, .layer: break
        }
        var bytes = try tar(files, links: links)
        if lie == .cut { bytes = Array(bytes.prefix(bytes.count - 4096)) }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    /// A compressed archive with a file of 256 MiB, in which there is nothing.
    static func bomb(at path: String) async throws {
        try await Command("truncate", ["--size", "256M", "\(path).zeros"]).output()
        let line = "tar -C / -cf - \(path.dropFirst()).zeros | gzip -9 > \(path)"
        try await Command("sh", ["-c", line]).output()
    }

    @Test("what cannot be written is said, and leaves nothing half-made", arguments: ["folder", "full"])
    func unwritable(kind: String) async throws {
        try await HostileRegistry.with(lie: { _ in nil }) { registry in
            let target = kind == "folder" ? "/proc/none/out" : "/dev/full"
            let outcome = try await registry.run("export", registry.image, target, "--quiet")
            #expect(outcome.status == 1, "\(outcome)")
            #expect(!outcome.standardError.isEmpty && outcome.standardError.utf8.count < 1000, "\(outcome)")
            #expect(outcome.memoryMax <= HostileRegistry.memoryMax, "\(outcome)")
        }
    }
}
