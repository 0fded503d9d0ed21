import Foundation
import RegistryTesting
import Testing

extension InteropTests {
    /// What `make image` makes, here of the program that was built for the tests: larger, by the same script.
    @Suite("wharf's own image")
    struct OwnImage {
        @Test("wharf makes its own image, twice the same, and containerd runs it, read-only and as an ordinary user")
        func run() async throws {
            let parties = try Parties.current
            let archive = try await make("first", parties, umask: "022")
            let again = try await make("second", parties, umask: "077")
            #expect(try await Command("/usr/bin/cmp", [archive, again]).run().status == 0)

            let reference = parties.reference("wharf")
            try await WharfProcess.command(["copy", "--quiet", "oci-archive:\(archive)", reference]).output()
            let made = try await WharfProcess.command(["digest", "oci-archive:\(archive)"]).output()
            #expect(
                try await RegistryReader(parties: parties).manifest("wharf").headers["docker-content-digest"]
                    == made.digest()
            )

            let container = try await OwnContainer.start(of: reference, parties)
            do {
                try await use(container, parties)
            } catch {
                await container.kill()
                throw error
            }
            #expect(try await container.stop() == 0, "\(container.log)")
            let verified = try await WharfProcess.command(["storage", "verify", "--data", container.data]).run()
            #expect(verified.status == 0, "\(verified)")
            let owners = try await Command("/usr/bin/find", [container.data, "-printf", "%U:%G\\n"]).output()
            #expect(Set(owners.words) == ["65532:65532"])
        }

        /// Makes the image from a temporary folder of its own; returns the archive.
        private func make(_ name: String, _ parties: Parties, umask: String) async throws -> String {
            let folder = parties.fresh(name)
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let archive = "\(folder)/wharf.oci.tar"
            let script = "umask \(umask); exec \"$0\" \"$@\""
            let words = ["\(Tool.project)/Scripts/make-image", WharfProcess.binary, archive]
            // The state of the sources may change while the tests run.
            let environment = ["TMPDIR": folder, "SOURCE_DATE_EPOCH": "1700000000", "REVISION": "tested"]
            let told = try await Command("/bin/bash", ["-c", script] + words, environment: environment).output()
            #expect(told.contains("revision tested") && told.contains("ctr images import --base-name wharf \(archive)"))
            return archive
        }

        /// Pushes the test image to the registry in the container and pulls it back.
        private func use(_ container: OwnContainer, _ parties: Parties) async throws {
            let inside = "\(container.authority)/team/app:1"
            let out = parties.fresh("out")
            for (source, target) in [("oci:\(parties.images.layout):debian", inside), (inside, "oci:\(out):1")] {
                try await WharfProcess.command(["copy", "--quiet", source, target]).output()
            }
            let back = try await WharfProcess.command(["digest", "oci:\(out):1"]).output()
            #expect(try back.digest() == parties.images.debian.digest)
        }
    }
}

/// A container of wharf's own image in the containerd of the run, at a port of this machine's loopback.
///
/// Of its file system only the data folder can be written to.
private struct OwnContainer {
    /// The folder of this machine that is its data folder.
    let data: String
    let authority: String
    private let process: RunningProcess
    private let client: CtrClient
    private let namespace: String

    private static let name = "wharf"

    static func start(of reference: String, _ parties: Parties) async throws -> OwnContainer {
        let (client, namespace, data) = (CtrClient(parties: parties), CtrClient.namespace(), parties.fresh("data"))
        _ = try await client.ctr(namespace, "images", "pull", "--plain-http", reference)
        try FileManager.default.createDirectory(
            atPath: data,
            withIntermediateDirectories: true,
            attributes: [.ownerAccountID: 65532, .groupOwnerAccountID: 65532, .posixPermissions: 0o700]
        )
        let authority = "127.0.0.1:\(try FreePort.find())"
        let process = try parties.command(
            .ctr,
            [
                "--address", parties.containerd.socket, "--namespace", namespace, "run", "--rm", "--net-host",
                "--read-only", "--mount", "type=bind,src=\(data),dst=/data,options=rbind:rw",
                "--env", "WHARF_HTTP_LISTEN=\(authority)", reference, name,
            ]
        ).start()
        let container = OwnContainer(
            data: data,
            authority: authority,
            process: process,
            client: client,
            namespace: namespace
        )
        do {
            try await process.waitUntil("the registry in the container was ready") {
                process.standardOutput.contains("wharf: ready on http://\(authority)\n")
            }
        } catch {
            await container.kill()
            throw error
        }
        return container
    }

    var log: String { process.standardOutput + process.standardError }

    /// Asks it to stop as a container engine does; the exit status of the program in it, nil when it does not end.
    func stop() async throws -> Int32? {
        _ = try await client.ctr(namespace, "tasks", "kill", "--signal", "SIGTERM", Self.name)
        let status = try await process.exit(within: .seconds(15))
        if status == nil { await kill() }
        return status
    }

    /// Ends it at once: it is no child of ours, and would outlive the tests.
    func kill() async {
        _ = try? await client.ctr(namespace, "tasks", "kill", "--signal", "SIGKILL", Self.name)
        await process.stop()
    }
}
