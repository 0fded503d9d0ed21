import Foundation
import RegistryTesting
import Testing

@Suite("What the options of a copy do")
struct CopyOptionTests {
    @Test("--ranges fetches a big blob in parts, and nothing else does")
    func ranges() async throws {
        try await VerbParty.with(.wharf) { party in
            let file = "\(party.folder.path)/big.bin"
            try await Command("/bin/sh", ["-c", "head -c 36000000 /dev/urandom > '\(file)'"]).output()
            let image = "\(party.authority)/team/big:1"
            try await party.output("push", file, image, "--artifact-type", "application/x-big", "--quiet")
            func parts(_ options: String...) async throws -> Int {
                let target = "oci:\(party.folder.path)/\(options.count):1"
                let result = try await party.run(["copy", image, target, "--quiet", "--verbose"] + options)
                #expect(result.status == 0, "\(result)")
                return result.standardError.split(separator: "\n").count { $0.hasPrefix("GET ") && $0.contains(" 206") }
            }
            #expect(try await parts() == 0)
            // Of 4 MiB each.
            #expect(try await parts("--ranges", "3") == 9)
        }
    }

    /// Holds each blob back for a moment, and prints how many are asked for at once.
    private static let countingProxy = """
        lock, active = threading.Lock(), 0
        class Handler(Passing):
            def pass_on(self):
                global active
                is_blob = self.command == "GET" and "/blobs/" in self.path
                if is_blob:
                    with lock:
                        active += 1
                        print("at once", active, flush=True)
                    time.sleep(0.3)
                answer, text = self.fetch()
                if is_blob:
                    with lock: active -= 1
                self.give(answer, text)
        """

    @Test("--parallel says how many blobs move at once, for copy and for sync", arguments: [1, 3], [true, false])
    func parallel(count: Int, isSync: Bool) async throws {
        try await VerbParty.with(.wharf) { party in
            let files = try (0..<9).map { number in
                let file = "\(party.folder.path)/file\(number)"
                try "the \(number)th".write(toFile: file, atomically: true, encoding: .utf8)
                return file
            }
            let image = ["\(party.authority)/team/many:1", "--artifact-type", "application/x-many", "--quiet"]
            #expect(try await party.run(["push"] + files + image).status == 0)
            let proxy = try await ScriptedProxy.start(before: party.authority, Self.countingProxy)
            let source = proxy.authority
            if isSync {
                let plan = """
                    sync:
                      - from: \(source)
                        repositories: [team/many]
                        to: ["\(party.authority)/copy/{repository}"]

                    """
                let path = "\(party.folder.path)/sync.yaml"
                try plan.write(toFile: path, atomically: true, encoding: .utf8)
                // What is mounted moves no bytes, so the target has to be another registry.
                try await VerbParty.with(.wharf) { other in
                    try plan.replacing(party.authority, with: other.authority)
                        .write(toFile: path, atomically: true, encoding: .utf8)
                    try await party.output("sync", path, "--parallel", "\(count)", "--quiet")
                }
            } else {
                let target = "oci:\(party.folder.path)/out:1"
                try await party.output("copy", "\(source)/team/many:1", target, "--parallel", "\(count)", "--quiet")
            }
            let seen = proxy.process.standardOutput.split(separator: "\n").filter { $0.hasPrefix("at once") }
            await proxy.process.kill()
            #expect(seen.count >= 9)
            #expect(seen.compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }.max() == count)
        }
    }

    @Test("--every does it again, with the file as it is then")
    func every() async throws {
        try await VerbParty.with(.wharf) { party in
            try await VerbParty.with(.wharf) { other in
                let image = try await party.pushImage()
                let file = "\(party.folder.path)/sync.yaml"
                try """
                sync:
                  - from: \(party.authority)
                    repositories: [team/app]
                    to: ["\(other.authority)/{repository}"]
                """.write(toFile: file, atomically: true, encoding: .utf8)
                let process = try WharfProcess.command(
                    ["sync", file, "--every", "1s", "--quiet"],
                    environment: ["HOME": party.folder.path]
                ).start()
                func waitFor(_ tag: String) async throws {
                    try await process.waitUntil("\(tag) is there", within: .seconds(60)) {
                        try await party.run(["digest", "\(other.authority)/team/app:\(tag)"]).status == 0
                    }
                }
                try await waitFor("1")
                try await party.output("tag", image, "2")
                try await waitFor("2")
                #expect(await process.stop() == 130)
            }
        }
    }

    @Test("--verify finds out what was damaged in a layout, which is else believed; a registry never gets it")
    func verify() async throws {
        try await VerbParty.with(.wharf) { party in
            let (image, layout, digest) = try await Self.pushAndPull(party)
            let file = URL(fileURLWithPath: "\(layout)/blobs/sha256/\(digest)")
            let whole = try Data(contentsOf: file)
            try Self.damage(file)
            let damaged = try Data(contentsOf: file)
            let refused = try await party.run(["push", "oci:\(layout):1", "\(party.authority)/other/app:1", "--quiet"])
            #expect(refused.status == 1 && refused.standardError.contains("\(digest)"), "\(refused)")
            #expect(try await party.run(["digest", "\(party.authority)/other/app:1"]).status == 3)
            try await party.output("copy", image, "oci:\(layout):2", "--quiet")
            #expect(try Data(contentsOf: file) == damaged)
            func copied() async throws -> String {
                let words = ["copy", image, "oci:\(layout):1", "--verify", "--quiet", "--format", "copied"]
                let result = try await party.run(words)
                #expect(result.status == 0, "\(result)")
                return result.standardOutput
            }
            #expect(try await copied() == "1\n")
            #expect(try Data(contentsOf: file) == whole)
            #expect(try await copied() == "0\n")
        }
    }

    @Test("--verify does not believe a registry that keeps what is damaged and takes the same blob again")
    func keptDamage() async throws {
        try await VerbParty.with(.distribution) { party in
            let (image, layout, digest) = try await Self.pushAndPull(party)
            let blobs = "\(party.folder.path)/store/docker/registry/v2/blobs/sha256"
            try Self.damage(URL(fileURLWithPath: "\(blobs)/\(digest.prefix(2))/\(digest)/data"))
            #expect(try await party.run(["copy", "oci:\(layout):1", image, "--quiet"]).status == 0)
            let found = try await party.run(["copy", "oci:\(layout):1", image, "--verify", "--quiet"])
            #expect(found.status == 1 && found.standardError.contains("keeps other bytes"), "\(found)")
        }
    }

    /// An image that is in a registry and in a layout, and the hexadecimal digits of its config's digest.
    private static func pushAndPull(
        _ party: VerbParty
    ) async throws -> (image: String, layout: String, config: Substring) {
        let image = try await party.pushImage()
        let layout = "\(party.folder.path)/layout"
        try await party.output("pull", image, "--to", "oci:\(layout):1", "--quiet")
        let digest = try await party.output("manifest", image, "--format", "config.digest")
        return (image, layout, digest.dropLast().dropFirst(7))
    }

    /// Turns one bit in the middle of a file.
    private static func damage(_ file: URL) throws {
        var bytes = try Data(contentsOf: file)
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: file)
    }
}
