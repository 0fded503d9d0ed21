import Foundation
import RegistryTesting
import Testing

/// Commands that are stopped in the middle of a blob, by Ctrl-C or by kill -9, and run again.
@Suite("A command that is stopped goes on in its next run", .serialized)
struct StopTests {
    private static let byteCount: Int64 = 24 << 20
    private static let mark: Int64 = 12 << 20
    /// What was on its way when the command was stopped, and requests.
    private static let spare: Int64 = 3 << 20

    /// What is done.
    enum Deed: String, CaseIterable, CustomTestStringConvertible {
        case push = "a push from a folder"
        case copy = "a copy between registries"
        case pull = "a pull into a folder"
        case sync = "a sync"
        case build = "a build"

        var testDescription: String { rawValue }
        /// Whether bytes go to a registry.
        var sends: Bool { self != .pull }
    }

    /// How a command is stopped.
    enum End: String, CaseIterable, CustomTestStringConvertible {
        case interrupted = "Ctrl-C"
        case killed = "kill -9"

        var testDescription: String { rawValue }
        var signal: Int32 { self == .interrupted ? SIGINT : SIGKILL }
        var status: Int32 { self == .interrupted ? 130 : 128 + SIGKILL }
    }

    @Test("The next run sends only what is missing", arguments: Deed.allCases, End.allCases)
    func again(deed: Deed, end: End) async throws {
        try await Scene.with(deed) { scene in
            let first = try scene.command().start()
            try await scene.proxy.waitUntilMarked()
            first.signal(end.signal)
            let status = try await first.exit(within: .seconds(30))
            #expect(status == end.status, "\(first.standardError)")
            if end == .interrupted {
                #expect(first.standardError == Self.sentence && first.standardOutput == "")
            }
            try scene.expectNothingHalfMade()
            let before = try await scene.proxy.counts()
            let second = try await scene.command().run()
            #expect(second.status == 0, "\(second)")
            let after = try await scene.proxy.counts()
            let moved = deed.sends ? after.up - before.up : after.down - before.down
            #expect(moved <= Self.byteCount - Self.mark + Self.spare, "\(before) \(after)")
            try await scene.expectWhole()
            #expect(scene.leftovers == [])
        }
    }

    private static let sentence = """
        Error: Interrupted. Nothing half-made is left; the same command goes on where this one stopped.

        """

    @Test(
        "Ctrl-C during an export leaves the file that was there, and nothing beside it",
        arguments: ["oci", "docker"]
    )
    func export(kind: String) async throws {
        try await VerbParty.with(.wharf) { party in
            let image = try LargeImage(in: "\(party.folder.path)/image", layers: 1, byteCount: Self.byteCount)
            let stored = "\(party.authority)/big:1"
            try await party.long("push", image.location, stored, "--quiet")
            let place = "\(party.folder.path)/place"
            try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
            let file = "\(place)/a.tar"
            try "before".write(toFile: file, atomically: true, encoding: .utf8)
            try await CuttingProxy.with(before: party.authority, rate: 12 << 20, mark: Self.mark) { proxy in
                let line = ["export", "\(proxy.authority)/big:1", file, "--kind", kind, "--quiet"]
                let first = try party.command(line).start()
                try await proxy.waitUntilMarked()
                first.signal(SIGINT)
                #expect(try await first.exit(within: .seconds(30)) == 130, "\(first.standardError)")
                #expect(first.standardError == Self.sentence)
            }
            #expect(try String(contentsOfFile: file, encoding: .utf8) == "before")
            #expect(try FileManager.default.contentsOfDirectory(atPath: place) == ["a.tar"])
            guard kind == "oci" else { return }
            try await party.long("export", stored, file, "--quiet")
            #expect(try await party.output("digest", "oci-archive:\(file):1") == image.digest + "\n")
        }
    }

    @Test("Ctrl-C at a terminal leaves it as it was")
    func terminal() async throws {
        try await Scene.with(.push) { scene in
            var command = scene.command(["--output", "json"])
            command.arguments.removeAll { $0 == "--quiet" }
            command.environment.updateValue("xterm", forKey: "TERM")
            let typing = Typing.interruption(after: "total", times: 6)
            let seen = try await command.atTerminal(typing: typing).output()
            #expect(seen.hasSuffix("status 130\nechoes True\n"), "\(seen)")
            let shown = seen.components(separatedBy: "\u{1b}[?25h").last ?? ""
            #expect(!shown.contains("\u{1b}[?25l"), "the cursor is hidden: \(seen)")
            let left = seen.components(separatedBy: "\u{1b}[J").last ?? ""
            #expect(left.contains("Interrupted.") && !left.contains("total"), "\(seen)")
        }
    }
}

/// A command on a slow line, and what it does.
private struct Scene {
    let deed: StopTests.Deed
    let image: LargeImage
    let near: VerbParty
    let far: VerbParty
    let proxy: CuttingProxy

    private var folder: String { near.folder.path }
    private var target: String { deed.sends ? "\(far.authority)/team/copy:1" : "oci:\(folder)/out:1" }

    static func with(_ deed: StopTests.Deed, _ body: (Scene) async throws -> Void) async throws {
        try await VerbParty.with(.wharf) { near in
            try await VerbParty.with(.wharf) { far in
                let folder = near.folder.path
                let image = try LargeImage(in: "\(folder)/image", layers: 1, byteCount: 24 << 20)
                for place in ["site", "temporary"] {
                    try FileManager.default.createDirectory(
                        atPath: "\(folder)/\(place)",
                        withIntermediateDirectories: true
                    )
                }
                if deed == .build {
                    let layer = image.layers[0].dropFirst("sha256:".count)
                    try FileManager.default.copyItem(
                        atPath: "\(folder)/image/blobs/sha256/\(layer)",
                        toPath: "\(folder)/site/data"
                    )
                }
                let first = deed == .pull ? far : near
                try await first.long("push", image.location, "\(first.authority)/team/app:1", "--quiet")
                try await CuttingProxy.with(before: far.authority, rate: 12 << 20, mark: 12 << 20) { proxy in
                    let yaml = """
                        sync:
                          - from: \(near.authority)
                            repositories: [team/app]
                            to: ["\(proxy.authority)/team/copy"]
                        """
                    try yaml.write(toFile: "\(folder)/sync.yaml", atomically: true, encoding: .utf8)
                    try await body(Scene(deed: deed, image: image, near: near, far: far, proxy: proxy))
                }
            }
        }
    }

    func command(_ more: [String] = []) -> Command {
        let remote = "\(proxy.authority)/team/copy:1"
        let line: [String] =
            switch deed {
            case .push: ["push", image.location, remote]
            case .copy: ["copy", "\(near.authority)/team/app:1", remote]
            case .pull: ["pull", "\(proxy.authority)/team/app:1", "--to", target]
            case .sync: ["sync", "\(folder)/sync.yaml"]
            case .build: ["build", "\(folder)/site:/srv", "--to", remote]
            }
        return near.command(line + ["--quiet"] + more, ["TMPDIR": "\(folder)/temporary"])
    }

    /// Whatever a stopped command has left: no image, no blob that is not whole, no temporary file.
    func expectNothingHalfMade() throws {
        let files = FileManager.default
        #expect(try files.contentsOfDirectory(atPath: "\(folder)/temporary") == [])
        let index = (try? String(contentsOfFile: "\(folder)/out/index.json", encoding: .utf8)) ?? ""
        #expect(!index.contains("sha256"))
        #expect(!files.fileExists(atPath: "\(folder)/out/blobs/sha256/\(image.layers[0].dropFirst(7))"))
        for name in leftovers {
            let mode = try files.attributesOfItem(atPath: "\(notes)/\(name)")[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
        #expect(leftovers.count == (deed.sends ? 1 : 0))
    }

    private var notes: String { "\(folder)/.local/state/wharf/uploads" }

    /// What is remembered of uploads.
    var leftovers: [String] { (try? FileManager.default.contentsOfDirectory(atPath: notes)) ?? [] }

    func expectWhole() async throws {
        let check = "\(folder)/check"
        try await near.long("copy", target, "oci:\(check):1", "--quiet")
        if deed != .build { #expect(try await near.output("digest", target) == image.digest + "\n") }
        if deed == .pull { #expect(!FileManager.default.fileExists(atPath: "\(folder)/out/ingest")) }
    }
}
