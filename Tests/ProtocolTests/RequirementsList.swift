import Foundation
import Testing

/// The list of requirements and the tests that show them, held against each other.
@Suite struct RequirementsList {
    /// One line of the list.
    struct Line: Hashable {
        var id: String
        var level: String
        var who: String
        var section: String
        var text: String
        var reason: String?
    }

    static let folder = URL(filePath: #filePath).deletingLastPathComponent().resolvingSymlinksInPath()

    static func lines() throws -> [Line] {
        let text = try String(contentsOf: folder.appending(path: "requirements.txt"), encoding: .utf8)
        return try text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
            let fields = line.split(separator: "|", omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .whitespaces) }
            try #require(fields.count == 5 || fields.count == 6, "not five or six fields: \(line)")
            return Line(
                id: fields[0],
                level: fields[1],
                who: fields[2],
                section: fields[3],
                text: fields[4],
                reason: fields.count == 6 ? fields[5] : nil
            )
        }
    }

    /// The ids in each `.requires(...)` of the sources of these tests.
    static func shownIDs() throws -> Set<String> {
        var ids: Set<String> = []
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        for file in files where file.pathExtension == "swift" && file.lastPathComponent != "RequirementsList.swift" {
            let text = try String(contentsOf: file, encoding: .utf8)
            for call in text.matches(of: /\.requires\(([^)]*)\)/) {
                for literal in call.1.matches(of: /"([^"]*)"/) { ids.insert(String(literal.1)) }
            }
        }
        return ids
    }

    @Test func `every requirement has a test or a reason why it has none`() throws {
        let shown = try Self.shownIDs()
        for line in try Self.lines() where !shown.contains(line.id) {
            #expect(line.reason?.hasPrefix("reason: ") == true, "\(line.id) has neither a test nor a reason")
        }
    }

    @Test func `no requirement has both a test and a reason why it has none`() throws {
        let shown = try Self.shownIDs()
        for line in try Self.lines() where shown.contains(line.id) {
            #expect(line.reason == nil, "\(line.id) has a test: take the reason away")
        }
    }

    @Test func `every test names requirements of the list`() throws {
        let known = Set(try Self.lines().map(\.id))
        #expect(try Self.shownIDs().subtracting(known).sorted() == [])
    }

    @Test func `ids are unique, and levels and parties are known words`() throws {
        let lines = try Self.lines()
        let doubles = Dictionary(grouping: lines, by: \.id).filter { $0.value.count > 1 }.keys
        #expect(doubles.sorted() == [])
        let levels: Set = ["MUST", "MUST NOT", "SHOULD", "SHOULD NOT"]
        for line in lines {
            #expect(line.id.wholeMatch(of: /[a-z0-9]+(-[a-z0-9]+)*/) != nil, "\(line.id) is not in kebab case")
            #expect(levels.contains(line.level), "\(line.id): \(line.level)")
            #expect(["registry", "client"].contains(line.who), "\(line.id): \(line.who)")
            #expect((line.section == "wharf") == line.id.hasPrefix("wharf-"), "\(line.id): \(line.section)")
            #expect(!line.text.isEmpty)
        }
    }

    @Test func `a client's duty is only named, with the reason why a server cannot break it`() throws {
        for line in try Self.lines() where line.who == "client" {
            #expect(line.reason?.hasPrefix("reason: ") == true, "\(line.id)")
        }
    }

    /// Where a reason sends the reader to another line, that line exists.
    @Test func `a reason that names another requirement names one with a test`() throws {
        let shown = try Self.shownIDs()
        for line in try Self.lines() {
            guard let match = line.reason?.firstMatch(of: /([a-z0-9-]+) shows? (what|that)/) else { continue }
            #expect(shown.contains(String(match.1)), "\(line.id) sends to \(match.1)")
        }
    }
}
