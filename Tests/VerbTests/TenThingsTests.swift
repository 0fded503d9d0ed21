import Foundation
import RegistryTesting
import Testing

/// The page of ten things: what it says is what is done here.
@Suite("Ten things to do with images")
struct TenThingsTests {
    /// The commands of the page, in their order.
    private static func commands() throws -> [String] {
        let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path
        let page = try String(contentsOfFile: "\(project)/Documentation/images.md", encoding: .utf8)
        return page.split(separator: "\n").filter { $0.hasPrefix("    wharf ") }.map { String($0.dropFirst(4)) }
    }

    @Test("every command of the page does what it says", arguments: [VerbParty.Kind.wharf, .guardedWharf])
    func page(kind: VerbParty.Kind) async throws {
        let commands = try Self.commands()
        #expect(commands.count >= 20)
        try await VerbParty.with(kind) { party in
            let folder = party.folder.path
            let source = "oci:\(try await VerbParty.layout()):debian"
            try await party.output("export", source, "\(folder)/app.tar", "--kind", "docker", "--quiet")
            try FileManager.default.createDirectory(atPath: "\(folder)/site", withIntermediateDirectories: true)
            try "hello\n".write(toFile: "\(folder)/site/index.html", atomically: true, encoding: .utf8)
            try "{}\n".write(toFile: "\(folder)/sbom.spdx.json", atomically: true, encoding: .utf8)
            for command in commands {
                let words = command.replacing("localhost:5000", with: party.authority)
                let line = words.replacing("wharf ", with: "'\(WharfProcess.binary)' ", maxReplacements: 1)
                let result = try await party.shell("cd '\(folder)' && \(line)")
                #expect(result.status == 0, "\(command): \(result)")
            }
            #expect(try await party.output("list", "\(party.authority)/prod/app", "--format", "name") == "1.4.2\n")
            let gone = try await party.run(["digest", "\(party.authority)/carried/app:1.4.2"])
            #expect(gone.status == 3)
        }
    }
}
