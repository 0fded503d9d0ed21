import Foundation
import RegistryTesting

@testable import Archives

/// A folder with what tar archives have trouble with, and archives of it as GNU tar writes them.
struct TarSample {
    /// What each entry below the folder must be read as: name, kind, size, target.
    static let expected: [String] = [
        "./ folder 0 ",
        "./big file 70000 ",
        "./empty file 0 ",
        "./fifo pipe 0 ",
        "./link symbolicLink 0 big",
        "./long-link symbolicLink 0 \(String(repeating: "t/", count: 100))end",
        "./sub/ folder 0 ",
        "./sub/\(String(repeating: "n", count: 120)) file 5 ",
        "./ümläut file 3 ",
    ]

    let folder: TemporaryFolder
    let tree: String

    init() async throws {
        folder = try TemporaryFolder()
        tree = "\(folder.path)/tree"
        let files = FileManager.default
        try files.createDirectory(atPath: "\(tree)/sub", withIntermediateDirectories: true)
        try SampleBlob(count: 70_000, seed: 1).bytes.write(to: "\(tree)/big")
        try [UInt8]().write(to: "\(tree)/empty")
        try Array("long\n".utf8).write(to: "\(tree)/sub/\(String(repeating: "n", count: 120))")
        try Array("ü\n".utf8).write(to: "\(tree)/ümläut")
        try files.createSymbolicLink(atPath: "\(tree)/link", withDestinationPath: "big")
        let far = String(repeating: "t/", count: 100) + "end"
        try files.createSymbolicLink(atPath: "\(tree)/long-link", withDestinationPath: far)
        try await Command("mkfifo", ["\(tree)/fifo"]).output()
    }

    /// The archive in one of the formats of GNU tar.
    func archive(_ format: String, _ options: String...) async throws -> [UInt8] {
        let file = "\(folder.path)/\(format).tar"
        let fixed = [
            "--create", "--file", file, "--format", format, "--sort=name", "--mtime=@1700000000.25", "--owner=root:0",
            "--group=root:0", "--mode=u=rwX,go=rX", "--directory", tree,
        ]
        try await Command("tar", fixed + options + ["."], environment: ["LC_ALL": "C"]).output()
        return Array(try Data(contentsOf: URL(fileURLWithPath: file)))
    }
}

extension [UInt8] {
    func write(to path: String) throws {
        try Data(self).write(to: URL(fileURLWithPath: path))
    }

    init(file path: String) throws {
        self = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    }
}

/// Everything that was read of an archive.
struct ReadArchive: Equatable {
    var entries: [TarEntry] = []
    var data: [[UInt8]] = []
    var offsets: [Int64] = []

    init(_ bytes: [UInt8], piece: Int = .max, limits: TarReader.Limits = .init()) throws {
        var reader = TarReader(limits: limits)
        var isOpen = false
        var start = 0
        while start < bytes.count {
            let end = start + min(piece, bytes.count - start)
            try reader.read(Array(bytes[start..<end])) { event in
                switch event {
                case .entry(let entry, let offset):
                    guard !isOpen else { throw ArchiveError(.malformed, "an entry within an entry") }
                    isOpen = true
                    entries.append(entry)
                    offsets.append(offset)
                    data.append([])
                case .data(let bytes): data[data.count - 1] += bytes
                case .entryEnd: isOpen = false
                }
            }
            start = end
        }
        try reader.finish()
    }

    /// Name, kind, size and target of each.
    var lines: [String] {
        entries.map { "\($0.path) \($0.kind) \($0.size) \(String(decoding: $0.target, as: UTF8.self))" }
    }
}
