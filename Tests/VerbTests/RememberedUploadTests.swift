import Foundation
import RegistryTesting
import Testing

/// What is remembered of an upload may be old, lost, or made up by somebody: it does no harm.
@Suite("A remembered upload that is not what it should be", .serialized)
struct RememberedUploadTests {
    private static let byteCount: Int64 = 12 << 20

    /// What has become of what was remembered.
    enum Change: String, CaseIterable, CustomTestStringConvertible {
        case lost = "it is gone"
        case garbage = "it is no document"
        case open = "others may have written it"
        case link = "it is a link"
        case elsewhere = "it names another server"
        case forgotten = "the registry has dropped the upload"
        case other = "it names an upload with other bytes"

        var testDescription: String { rawValue }
    }

    @Test("The push begins anew, and comes whole", arguments: Change.allCases)
    func changed(change: Change) async throws {
        try await Self.withStopped { party, image, proxy, note in
            try await CuttingProxy.with(before: party.authority) { stranger in
                try await Self.apply(change, to: note, party, proxy, stranger)
                let before = try await proxy.counts()
                let result = try await party.command("push", image.location, "\(proxy.authority)/team/app:1", "--quiet")
                    .run()
                #expect(result.status == 0, "\(result)")
                #expect(try await stranger.counts() == .init(up: 0, down: 0))
                #expect(try await proxy.counts().up - before.up >= Self.byteCount)
                let target = "\(party.authority)/team/app:1"
                #expect(try await party.output("digest", target) == image.digest + "\n")
                try await party.long("copy", target, "oci:\(party.folder.path)/check:1", "--quiet")
            }
        }
    }

    @Test("Two programs that push the same blob at once do not write into one upload")
    func twice() async throws {
        try await Self.withStopped { party, image, proxy, _ in
            let runs = try (1...3).map { tag in
                try party.command("push", image.location, "\(proxy.authority)/team/app:\(tag)", "--quiet").start()
            }
            for run in runs { #expect(try await run.exit(within: .seconds(60)) == 0, "\(run.standardError)") }
            for tag in 1...3 {
                let target = "\(party.authority)/team/app:\(tag)"
                #expect(try await party.output("digest", target) == image.digest + "\n")
            }
        }
    }

    @Test("No request that is shown, and no file that others can read, has the place of an upload")
    func secret() async throws {
        try await VerbParty.with(.distribution) { party in
            let image = try LargeImage(in: "\(party.folder.path)/image", layers: 1, byteCount: 2 << 20)
            let target = "\(party.authority)/team/app:1"
            let result = try await party.command("push", image.location, target, "--verbose").run()
            #expect(result.status == 0 && result.standardError.contains("PUT http"), "\(result)")
            #expect(!result.standardError.contains("_state"), "\(result)")
        }
    }

    /// Runs `body` when a push was stopped in the middle of its layer, with the file of what is remembered of it.
    private static func withStopped(
        _ body: (VerbParty, LargeImage, CuttingProxy, _ note: String) async throws -> Void
    ) async throws {
        try await VerbParty.with(.wharf) { party in
            let image = try LargeImage(in: "\(party.folder.path)/image", layers: 1, byteCount: byteCount)
            try await CuttingProxy.with(before: party.authority, rate: 12 << 20, mark: byteCount / 2) { proxy in
                let run = try party.command("push", image.location, "\(proxy.authority)/team/app:1", "--quiet").start()
                try await proxy.waitUntilMarked()
                await run.kill()
                let folder = "\(party.folder.path)/.local/state/wharf/uploads"
                let names = try FileManager.default.contentsOfDirectory(atPath: folder)
                try #require(names.count == 1, "\(names)")
                try await body(party, image, proxy, "\(folder)/\(names[0])")
            }
        }
    }

    private static func apply(
        _ change: Change,
        to note: String,
        _ party: VerbParty,
        _ proxy: CuttingProxy,
        _ stranger: CuttingProxy
    ) async throws {
        let files = FileManager.default
        let text = try String(contentsOfFile: note, encoding: .utf8).replacing("\\/", with: "/")
        let place = try #require(text.firstMatch(of: #/"place":"([^"]*)"/#)).1
        func write(_ text: String) throws {
            try text.write(toFile: note, atomically: false, encoding: .utf8)
        }
        switch change {
        case .lost: try files.removeItem(atPath: note)
        case .garbage: try write("{\"registry\":")
        case .open: try files.setAttributes([.posixPermissions: 0o644], ofItemAtPath: note)
        case .link:
            try files.moveItem(atPath: note, toPath: note + ".moved")
            try files.createSymbolicLink(atPath: note, withDestinationPath: note + ".moved")
        case .elsewhere:
            let other = place.replacing(proxy.authority, with: stranger.authority)
            try #require(other != place)
            try write(text.replacing(place, with: other))
        case .forgotten:
            try await Command("curl", ["-fsS", "-X", "DELETE", String(place)]).output()
        case .other:
            // As long as the layer, but of other bytes: only the digest of the whole tells.
            let answer = try await Command(
                "curl",
                ["-fsS", "-D", "-", "-X", "POST", "http://\(proxy.authority)/v2/team/app/blobs/uploads/"]
            ).output()
            let start = try #require(answer.firstMatch(of: #/(?i)location: (\S+)/#)).1
            let location = start.hasPrefix("/") ? "http://\(proxy.authority)\(start)" : String(start)
            let file = "\(party.folder.path)/other"
            try Data(count: Int(byteCount) / 2).write(to: URL(filePath: file))
            try await Command("curl", ["-fsS", "-X", "PATCH", "-T", file, location]).output()
            try write(text.replacing(place, with: location))
        }
    }
}
