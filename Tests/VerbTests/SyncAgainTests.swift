import Foundation
import RegistryTesting
import Testing

@Suite("A sync that is done again and again")
struct SyncAgainTests {
    private static let byteCount: Int64 = 24 << 20
    /// What was on its way when the connection went, and requests.
    private static let spare: Int64 = 3 << 20

    @Test("goes on in its next round with the upload that the round before had to leave")
    func rounds() async throws {
        try await VerbParty.with(.wharf) { near in
            try await VerbParty.with(.wharf) { far in
                let folder = near.folder.path
                let image = try LargeImage(in: "\(folder)/image", layers: 1, byteCount: Self.byteCount)
                try await near.long("push", image.location, "\(near.authority)/team/app:1", "--quiet")
                let half = Self.byteCount / 2
                try await CuttingProxy.with(before: far.authority, rate: 12 << 20, mark: half) { proxy in
                    let file = "\(folder)/sync.yaml"
                    try """
                    sync:
                      - from: \(near.authority)
                        repositories: [team/app]
                        to: ["\(proxy.authority)/{repository}"]
                    """.write(toFile: file, atomically: true, encoding: .utf8)
                    let run = try near.command("sync", file, "--every", "1s", "--quiet").start()
                    try await proxy.waitUntilMarked()
                    try await proxy.turn()
                    try await run.waitUntil("the first round has failed", within: .seconds(120)) {
                        run.standardError.contains("not in step")
                    }
                    let before = try await proxy.counts()
                    try await proxy.turn()
                    let copy = "\(far.authority)/team/app:1"
                    try await run.waitUntil("the image is there", within: .seconds(60)) {
                        try await near.run(["digest", copy]).standardOutput == image.digest + "\n"
                    }
                    #expect(await run.stop() == 130)
                    let sent = try await proxy.counts().up - before.up
                    #expect(sent <= half + Self.spare, "\(run.standardError)")
                    try await far.long("copy", copy, "oci:\(folder)/check:1", "--quiet")
                }
            }
        }
    }
}
