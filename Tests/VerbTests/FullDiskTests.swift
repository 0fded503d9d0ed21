import Foundation
import RegistryTesting
import Testing

/// Commands that write to a small disk of their own.
///
/// Needs the right to mount, and fails with the reason where that is missing.
@Suite("A disk that fills, or cannot be written", .serialized)
struct FullDiskTests {
    /// What is written to the disk.
    enum Deed: String, CaseIterable, CustomTestStringConvertible {
        case pull = "a pull into a folder"
        case export = "an export"
        case dockerExport = "an export for docker load"
        case build = "a build into a folder"
        case buildThere = "the layers of a build on their way"
        case blob = "a blob"
        case push = "a push to a server"

        var testDescription: String { rawValue }
    }

    @Test("Two sentences say so, nothing half-made is left, and with room it works", arguments: Deed.allCases)
    func full(deed: Deed) async throws {
        try await Scene.with(deed) { scene in
            try scene.fill()
            let refused = try await scene.run()
            #expect(refused.status == 1 && refused.standardOutput == "", "\(refused)")
            let error = refused.standardError
            #expect(error.split(separator: "\n").count == 1 && error.hasPrefix("Error: "), "\(refused)")
            #expect(error.contains("room") || error.contains("No space left"), "\(refused)")
            #expect(error.matches(of: #/[a-z)]\. [A-Z]/#).count >= 1, "\(refused)")
            #expect(try await scene.isMade() == false)
            try scene.free()
            let made = try await scene.run()
            #expect(made.status == 0, "\(made)")
            #expect(try await scene.isMade())
            #expect(scene.hiddenFiles == [])
        }
    }

    @Test(
        "What cannot be written is a failure, and no want of a login",
        arguments: [Deed.pull, .export, .build, .blob]
    )
    func readOnly(deed: Deed) async throws {
        try await Scene.with(deed) { scene in
            try scene.disk.makeReadOnly()
            let refused = try await scene.run()
            #expect(refused.status == 1 && refused.standardOutput == "", "\(refused)")
            #expect(refused.standardError.contains("cannot be written"), "\(refused)")
            #expect(!refused.standardError.contains("log in"), "\(refused)")
        }
    }
}

/// A command, and the disk that it writes to.
private struct Scene {
    let deed: FullDiskTests.Deed
    let disk: MountedFolder
    let party: VerbParty
    let image: LargeImage
    let server: WharfProcess?

    private var folder: String { party.folder.path }

    static func with(_ deed: FullDiskTests.Deed, _ body: (Scene) async throws -> Void) async throws {
        // An export of what docker loads has the layers twice for a while.
        let disk = try MountedFolder(byteCount: 40 << 20)
        try await VerbParty.with(.wharf) { party in
            let image = try LargeImage(in: "\(party.folder.path)/image", layers: 1, byteCount: 12 << 20)
            try await party.long("push", image.location, "\(party.authority)/team/app:1", "--quiet")
            var server: WharfProcess?
            if deed == .push {
                server = try await WharfProcess.start(
                    data: "\(disk.path)/data",
                    environment: ["WHARF_STORAGE_RESERVE": "0MiB"]
                )
            }
            if deed == .build || deed == .buildThere {
                let layer = image.layers[0].dropFirst("sha256:".count)
                let site = "\(party.folder.path)/site"
                try FileManager.default.createDirectory(atPath: site, withIntermediateDirectories: true)
                try FileManager.default.copyItem(
                    atPath: "\(image.folder)/blobs/sha256/\(layer)",
                    toPath: "\(site)/data"
                )
            }
            do {
                try await body(Scene(deed: deed, disk: disk, party: party, image: image, server: server))
            } catch {
                await server?.kill()
                throw error
            }
            await server?.kill()
        }
    }

    // MARK: The disk

    /// Leaves room for half of a layer.
    func fill() throws {
        try Data(count: 34 << 20).write(to: URL(filePath: "\(disk.path)/ballast"))
    }

    func free() throws {
        try FileManager.default.removeItem(atPath: "\(disk.path)/ballast")
    }

    /// Files that nobody has asked for.
    var hiddenFiles: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: disk.path)) ?? []).filter {
            $0.hasPrefix(".") || $0.contains(".part-")
        }
    }

    // MARK: The command

    private var stored: String { "\(party.authority)/team/app:1" }
    private var layout: String { "oci:\(disk.path)/out:1" }
    private var file: String { "\(disk.path)/file" }
    private var remote: String { "\(server?.authority ?? "")/team/app:1" }

    func run() async throws -> CommandResult {
        let line: [String] =
            switch deed {
            case .pull: ["pull", stored, "--to", layout, "--quiet"]
            case .export: ["export", stored, file, "--quiet"]
            case .dockerExport: ["export", stored, file, "--kind", "docker", "--quiet"]
            case .build: ["build", "\(folder)/site:/srv", "--to", layout, "--quiet"]
            case .buildThere: ["build", "\(folder)/site:/srv", "--to", "oci:\(folder)/out:1", "--quiet"]
            case .blob: ["blob", "get", stored.replacing(":1", with: "") + "@" + image.layers[0], "--to", file]
            case .push: ["push", image.location, remote, "--quiet"]
            }
        return try await party.command(line, deed == .buildThere ? ["TMPDIR": disk.path] : [:]).run()
    }

    /// Whether what was to be made stands under its name, and whole.
    func isMade() async throws -> Bool {
        let names: [String] =
            switch deed {
            case .pull, .build: [layout]
            case .buildThere: ["oci:\(folder)/out:1"]
            case .export: ["oci-archive:\(file):1"]
            case .dockerExport: ["docker-archive:\(file)"]
            case .blob: []
            case .push: [remote]
            }
        guard let name = names.first else { return FileManager.default.fileExists(atPath: file) }
        let check = "oci:\(folder)/check-\(UUID().uuidString):1"
        return try await party.command("copy", name, check, "--quiet").run().status == 0
    }
}
