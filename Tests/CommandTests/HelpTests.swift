import Foundation
import RegistryTesting
import Testing

/// Help, and the pages that are made from it.
@Suite struct HelpTests {
    @Test func `every command has a sentence, help on each option, and examples that the parser takes`() async throws {
        let result = try await WharfProcess.command(["help-pages", "check"]).run()
        #expect(result.status == 0 && result.standardOutput == "" && result.standardError == "", "\(result)")
    }

    @Test func `the reference in the documentation is what the program writes`() async throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: root.appending(path: "Documentation/commands.md"), encoding: .utf8)
        #expect(try await WharfProcess.command(["help-pages", "markdown"]).output() == page, "run make docs")
    }

    @Test func `the help of a command is the same by help and by --help`() async throws {
        for words in [["copy"], ["user", "create"], []] {
            let asked = try await WharfProcess.command(["help"] + words).output()
            #expect(try await WharfProcess.command(words + ["--help"]).output() == asked)
            #expect(asked.contains("wharf") && asked.contains("USAGE:"))
        }
    }

    @Test func `there is a man page for every command, and formatters have no complaint`() async throws {
        let folder = try TemporaryFolder()
        let day = ["SOURCE_DATE_EPOCH": "86400"]
        try await WharfProcess.command(["help-pages", "man", folder.path], environment: day).output()
        let pages = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(pages.contains("wharf.1") && pages.contains("wharf-copy.1") && pages.contains("wharf-user-create.1"))
        let paths = pages.map { "\(folder.path)/\($0)" }
        #expect(try await complaints(on: paths) == [])

        let copy = try String(contentsOfFile: "\(folder.path)/wharf-copy.1", encoding: .utf8)
        #expect(copy.hasPrefix(".TH \"WHARF-COPY\" 1 \"1970-01-02\""))
        let shown = try await Command("mandoc", ["-Tutf8", "\(folder.path)/wharf-copy.1"]).output()
        let plain = shown.replacing(#/.\u{8}/#, with: "")
        for words in ["wharf copy [<options>] <source> <target>", "--all-tags", "EXIT STATUS", "--plain-http"] {
            #expect(plain.contains(words), "\(plain)")
        }
    }

    @Test func `a faulty man page would be found`() async throws {
        let folder = try TemporaryFolder()
        let page = "\(folder.path)/wharf.1"
        try ".TH WHARF 1 \"1970-01-02\" \"a\" \"b\"\n.SH NAME\nwharf - a\n.NONE b\n".write(
            toFile: page,
            atomically: true,
            encoding: .utf8
        )
        let complaints = try await complaints(on: [page])
        #expect(complaints.count == 2 && complaints.allSatisfy { $0.contains("NONE") }, "\(complaints)")
    }

    /// What mandoc and groff say to pages, a text for each that says anything.
    private func complaints(on pages: [String]) async throws -> [String] {
        let mandoc = try await Command("mandoc", ["-Tlint", "-Wwarning"] + pages).run()
        var all = [mandoc.standardOutput + mandoc.standardError]
        for page in pages {
            let groff = try await Command("groff", ["-man", "-ww", "-Tutf8", "-z", page]).run()
            all.append(groff.standardOutput + groff.standardError)
        }
        return all.filter { !$0.isEmpty }
    }
}
