import Foundation

/// One file of the project as the architecture tests read it.
struct SourceFile {
    /// The path from the root of the package, such as `Sources/Model/OCI/Digest.swift`.
    let path: String
    /// The lines, numbered from 0 here and from 1 in findings.
    let lines: [Substring]
    /// The lines with the contents of strings and regular expressions blanked out.
    let commentedLines: [Substring]
    /// The lines with comments blanked out as well: what the compiler acts on.
    let codeLines: [Substring]

    init(path: String, text: String) {
        func lines(_ text: String) -> [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
        self.path = path
        self.lines = lines(text)
        let isSwift = path.hasSuffix(".swift")
        commentedLines = isSwift ? lines(SwiftText(text, keepsComments: true).blanked) : self.lines
        codeLines = isSwift ? lines(SwiftText(text, keepsComments: false).blanked) : self.lines
    }

    var name: String { path.split(separator: "/").last.map(String.init) ?? path }
    var isSwift: Bool { name.hasSuffix(".swift") }

    func isUnder(_ folders: String...) -> Bool {
        folders.contains { path.hasPrefix($0 + "/") }
    }

    /// The root of the package, found from where this file was compiled.
    static let root = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// Every text file under the folders that have one of the extensions, in the order of their paths.
    ///
    /// Folders that are not there are passed over; those whose name begins with a dot are build output.
    static func all(under folders: [String], extensions: Set<String>) throws -> [SourceFile] {
        var files: [SourceFile] = []
        for folder in folders {
            let url = root.appending(path: folder)
            let walk = FileManager.default.enumerator(
                at: url,
                includingPropertiesForKeys: nil,
                options: [.skipsHiddenFiles]
            )
            while let file = walk?.nextObject() as? URL {
                guard !file.hasDirectoryPath, extensions.contains(file.pathExtension) else { continue }
                let path = String(file.path().dropFirst(root.path().count))
                files.append(SourceFile(path: path, text: try String(contentsOf: file, encoding: .utf8)))
            }
        }
        return files.sorted { $0.path < $1.path }
    }
}

/// Something that breaks a rule, and where.
struct Finding: Equatable, CustomStringConvertible {
    let path: String
    let line: Int
    let message: String

    var description: String { "\(path):\(line): \(message)" }
}
