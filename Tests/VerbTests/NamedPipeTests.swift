import Foundation
import RegistryTesting
import Testing

/// Archives that go through a named pipe, on whose other end there may be nobody.
@Suite("An archive through a named pipe", .serialized)
struct NamedPipeTests {
    private static let byteCount: Int64 = 2 << 20
    private static let interrupted = "Error: Interrupted. Nothing half-made is left"

    /// Runs `body` with an image and a named pipe.
    private func withPipe(_ body: (VerbParty, LargeImage, _ pipe: String) async throws -> Void) async throws {
        try await VerbParty.with(.wharf) { party in
            let folder = party.folder.path
            let image = try LargeImage(in: "\(folder)/image", layers: 1, byteCount: Self.byteCount)
            let pipe = "\(folder)/a.tar"
            try #require(mkfifo(pipe, 0o600) == 0)
            try FileManager.default.createDirectory(
                atPath: "\(folder)/temporary",
                withIntermediateDirectories: true
            )
            try await body(party, image, pipe)
        }
    }

    private func start(_ party: VerbParty, _ line: String...) throws -> RunningProcess {
        try party.command(line + ["--quiet"], ["TMPDIR": "\(party.folder.path)/temporary"]).start()
    }

    private func expectInterrupted(_ run: RunningProcess, _ party: VerbParty) async throws {
        run.signal(SIGINT)
        #expect(try await run.exit(within: .seconds(20)) == 130, "\(run.standardError)")
        #expect(run.standardError.hasPrefix(Self.interrupted), "\(run.standardError)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(party.folder.path)/temporary") == [])
    }

    /// Waits until all is there that goes into an archive.
    private func waitForDraft(_ run: RunningProcess, _ party: VerbParty) async throws {
        let temporary = "\(party.folder.path)/temporary"
        try await run.waitUntil("the image is ready to be written", within: .seconds(60)) {
            let drafts = try FileManager.default.contentsOfDirectory(atPath: temporary)
            return drafts.contains { draft in
                let index = try? String(contentsOfFile: "\(temporary)/\(draft)/layout/index.json", encoding: .utf8)
                return index?.contains("sha256:") ?? false
            }
        }
    }

    @Test("Ctrl-C ends an export that nobody reads", arguments: ["oci", "docker"])
    func unread(kind: String) async throws {
        try await withPipe { party, image, pipe in
            let run = try start(party, "export", image.location, pipe, "--kind", kind)
            try await waitForDraft(run, party)
            try await expectInterrupted(run, party)
        }
    }

    @Test("Ctrl-C ends an export whose reader reads no further", arguments: ["oci", "docker"])
    func stalled(kind: String) async throws {
        try await withPipe { party, image, pipe in
            let reader = open(pipe, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
            defer { close(reader) }
            let run = try start(party, "export", image.location, pipe, "--kind", kind)
            try await run.waitUntil("the pipe is full", within: .seconds(60)) {
                var count: CInt = 0
                return ioctl(reader, UInt(FIONREAD), &count) == 0 && count > 60_000
            }
            try await expectInterrupted(run, party)
        }
    }

    @Test("Ctrl-C ends a command that reads where nobody writes", arguments: ["oci-archive", "docker-archive"])
    func unwritten(kind: String) async throws {
        try await withPipe { party, _, pipe in
            let target = "\(party.authority)/team/app:1"
            let run = try start(party, "copy", "\(kind):\(pipe)", target)
            try await waitUntilOpen(pipe, run)
            try await expectInterrupted(run, party)
        }
    }

    private func waitUntilOpen(_ pipe: String, _ run: RunningProcess) async throws {
        let open = "/proc/\(run.pid)/fd"
        try await run.waitUntil("it has the pipe open") {
            let files = (try? FileManager.default.contentsOfDirectory(atPath: open)) ?? []
            return files.contains { name in
                (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(open)/\(name)")) == pipe
            }
        }
    }

    @Test("A reader and a writer that come late are waited for, and the image comes whole")
    func late() async throws {
        try await withPipe { party, image, pipe in
            let export = try start(party, "export", image.location, pipe)
            try await waitForDraft(export, party)
            let file = "\(party.folder.path)/read.tar"
            try await Command("sh", ["-c", "cat '\(pipe)' > '\(file)'"]).output()
            #expect(try await export.exit(within: .seconds(20)) == 0, "\(export.standardError)")
            #expect(try await party.output("digest", "oci-archive:\(file):1") == image.digest + "\n")
            let target = "\(party.authority)/team/app:1"
            let copy = try start(party, "copy", "oci-archive:\(pipe):1", target)
            try await waitUntilOpen(pipe, copy)
            try await Command("sh", ["-c", "cat '\(file)' > '\(pipe)'"]).output()
            #expect(try await copy.exit(within: .seconds(60)) == 0, "\(copy.standardError)")
            #expect(try await party.output("digest", target) == image.digest + "\n")
        }
    }
}
