import Foundation
import Testing

@Suite struct LayeringTests {
    @Test func `every file imports only what its room allows`() throws {
        let files = try SourceFile.all(under: ["Sources"], extensions: ["swift"])
        #expect(files.count > 30)
        for finding in files.flatMap(Layering.findings) { Issue.record("\(finding)") }
    }

    @Test func `the rooms in Sources are those of the table`() throws {
        let sources = SourceFile.root.appending(path: "Sources")
        var rooms: Set<String> = []
        for floor in try FileManager.default.contentsOfDirectory(atPath: sources.path()) {
            for room in try FileManager.default.contentsOfDirectory(atPath: sources.appending(path: floor).path()) {
                rooms.insert("\(floor)/\(room)")
            }
        }
        #expect(rooms == Set(Layering.rooms.keys.filter { $0.split(separator: "/").count == 2 }))
    }

    @Test func `every room stands in the package under its folder`() throws {
        let manifest = try String(contentsOf: SourceFile.root.appending(path: "Package.swift"), encoding: .utf8)
        for room in Layering.rooms.keys where room.split(separator: "/").count == 2 {
            let isInTable = manifest.contains("\n    \"\(room)\": ")
            #expect(isInTable || manifest.contains("path: \"Sources/\(room)\""), "\(room) has no target")
        }
    }

    @Test func `the documentation has the same table`() throws {
        var rooms: [String: Set<String>] = [:]
        for (path, allowed) in Layering.rooms {
            let folders = path.split(separator: "/")
            if folders.count == 2 { rooms[String(folders[1])] = allowed }
        }
        let page = SourceFile.root.appending(path: "Documentation/ARCHITECTURE.md")
        var told: Set<String> = []
        var above: Set<String> = []
        for line in try String(contentsOf: page, encoding: .utf8).split(separator: "\n") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            // What stands in one row may import each other.
            let row = Set(cells.first?.components(separatedBy: ", ") ?? [])
            guard cells.count == 3, row.isSubset(of: rooms.keys) else { continue }
            told.formUnion(row)
            if cells[2] != "the same" { above = Set(cells[2].components(separatedBy: ", ")).subtracting(["-"]) }
            guard !["all", "what it tests"].contains(cells[2]) else { continue }
            let allowed = row.reduce(into: Set<String>()) { $0.formUnion(rooms[$1] ?? []) }.subtracting(row)
            #expect(allowed == above, "\(row.sorted())")
        }
        #expect(told == Set(rooms.keys))
    }

    @Test(arguments: [
        ("Sources/Model/OCI/A.swift", "import Hosting", "OCI may not import Hosting"),
        ("Sources/Wire/DistributionAPI/A.swift", "public import Metadata", "DistributionAPI may not import Metadata"),
        ("Sources/Engine/Hosting/A.swift", "import MetadataSQLite", "Hosting may not import MetadataSQLite"),
        ("Sources/Engine/Hosting/A.swift", "import GRDB", "Hosting may not import GRDB"),
        ("Sources/Engine/Upkeep/A.swift", "@preconcurrency import NIOHTTP1", "Upkeep may not import NIOHTTP1"),
        ("Sources/Programs/wharf/A.swift", "import Yams", "wharf may not import Yams"),
        ("Sources/Programs/wharf/Commands/A.swift", "import Metadata", "wharf may not import Metadata"),
        ("Sources/Programs/wharf/A.swift", "import RegistryTesting", "wharf may not import RegistryTesting"),
        ("Sources/Model/OCI/A.swift", "import struct NIOCore.ByteBuffer", "OCI may not import NIOCore"),
        ("Sources/Model/OCI/A.swift", "#if os(Linux)\n    import Crypto\n#endif", "OCI may not import Crypto"),
        ("Sources/Model/Elsewhere/A.swift", "", "this folder is not in the table of rooms"),
        ("Sources/A.swift", "", "this folder is not in the table of rooms"),
    ])
    func `a forbidden import is found`(path: String, text: String, message: String) {
        let findings = Layering.findings(in: SourceFile(path: path, text: "// A file.\n" + text + "\n"))
        #expect(findings.map(\.message) == [message])
    }

    @Test(arguments: [
        ("Sources/Model/Hashing/A.swift", "@testable import OCI"), ("Sources/Ground/Documents/A.swift", "import Yams"),
        ("Sources/Model/OCI/A.swift", "// import Hosting"), ("Sources/Model/OCI/A.swift", "let a = \"import Hosting\""),
        ("Sources/Programs/wharf/Serve/A.swift", "import Metadata"),
        ("Sources/Model/OCI/A.swift", "import Foundation"), ("Sources/Model/OCI/A.swift", "let important = 1"),
    ])
    func `an allowed import, a comment and a string are no finding`(path: String, text: String) {
        #expect(Layering.findings(in: SourceFile(path: path, text: text)) == [])
    }
}
