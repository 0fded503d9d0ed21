import Foundation
import Testing

@Suite struct TidinessTests {
    @Test func `the project keeps the rules of form`() throws {
        let folders = ["Sources", "Tests", "Benchmarks", "Fuzz", "Scripts", "Documentation"]
        let written = try SourceFile.all(under: folders, extensions: ["swift", "c", "h", "sh", "py", "md"])
        let scripts = try SourceFile.all(under: ["Scripts"], extensions: [""])
        let files = written + scripts
        #expect(files.count > 50)
        for finding in files.flatMap(Tidiness.findings) { Issue.record("\(finding)") }
    }

    @Test func `every exception is argued, used and within 700 lines`() throws {
        for (path, exception) in Tidiness.longFiles {
            let text = try String(contentsOf: SourceFile.root.appending(path: path), encoding: .utf8)
            #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count > Tidiness.fileLinesMax)
            #expect(exception.linesMax <= 700 && exception.reason.count > 20)
        }
        for (path, reason) in Tidiness.taskStarters {
            let text = try String(contentsOf: SourceFile.root.appending(path: path), encoding: .utf8)
            #expect(text.contains("Task") && reason.count > 20)
        }
    }

    @Test(arguments: [
        ("Sources/A/B/C.swift", "// TODO: later", "\"TODO\": do it, or write it down where work is planned"),
        ("Scripts/a.sh", "# FIXME", "\"FIXME\": do it, or write it down where work is planned"),
        ("Sources/A/B/C.swift", "// placeholder", "\"// placeholder\": do it, or write it down where work is planned"),
        ("Sources/A/B/Placeholder.swift", "", "a placeholder is no file"),
        ("Sources/A/B/C.swift", "let a = try! b()", "try! stops the server on an error: handle it"),
        ("Tests/A/C.swift", "let a = try! b()", "try! stops the server on an error: handle it"),
        (
            "Sources/A/B/C.swift", "fatalError(\"x\")",
            "fatalError is for nothing: throw, or use precondition with the reason"
        ),
        (
            "Sources/Wire/B/C.swift", "Task { await a() }",
            "a task that no one waits for: use a task group, or run it as a service"
        ),
        (
            "Sources/Wire/B/C.swift", "Task.detached(priority: .low) { }",
            "a task that no one waits for: use a task group, or run it as a service"
        ),
        ("Sources/A/B/BlobUtils.swift", "", "the name of the file says nothing"),
        (
            "Sources/A/B/C.swift", "final class BlobManager {}",
            "the name BlobManager says nothing: name it by what it does"
        ),
        ("Sources/A/B/C.swift", "enum CommonParts {}", "the name CommonParts says nothing: name it by what it does"),
        (
            "Sources/A/B/C.swift", "let a = 1\nstruct D: @unchecked Sendable {}",
            "what guards this must stand in a comment on the line above"
        ),
        (
            "Sources/A/B/C.swift", "nonisolated(unsafe) var a = 1",
            "what guards this must stand in a comment on the line above"
        ),
        ("Tests/A/C.swift", "@Test(.enabled(if: a.b)) func c() {}", "a test that is left out needs its reason"),
        ("Tests/A/C.swift", "@Suite(.disabled())\nstruct A {}", "a test that is left out needs its reason"),
        ("Tests/A/C.swift", String(repeating: "x", count: 121), "the line has 121 characters, and may have 120"),
        ("Tests/A/C.swift", String(repeating: "\n", count: 401), "the file has 401 lines, and may have 400"),
        (
            "Sources/A/B/C.swift", "func a() {\n" + String(repeating: "b(\"}\")\n", count: 69) + "}",
            "the function has 71 lines, and may have 70"
        ),
    ])
    func `what breaks a rule is found`(path: String, text: String, message: String) {
        #expect(Tidiness.findings(in: SourceFile(path: path, text: text)).map(\.message) == [message])
    }

    @Test(arguments: [
        ("Sources/A/B/C.swift", "let a = \"TODO try! fatalError( Task {\""),
        ("Sources/A/B/C.swift", "// It was never a try! or a fatalError( or a Task { here."),
        ("Sources/Programs/wharf/C.swift", "Task { await a() }"),
        ("Tests/A/C.swift", "Task { fatalError() }"),
        ("Sources/Wire/B/C.swift", "group.addTask { await a() }"),
        ("Sources/A/B/C.swift", "struct CommonName {}".replacing("CommonName", with: "Uncommon")),
        ("Sources/A/B/C.swift", "// Guarded by the lock.\nstruct D: @unchecked Sendable {}"),
        ("Sources/A/B/C.swift", "func a() {\n" + String(repeating: "b()\n", count: 68) + "}"),
        ("Sources/A/B/Implementer.swift", "struct Implementer {}"),
        ("Tests/A/C.swift", "@Test(.enabled(if: a(), \"nothing is mounted here\")) func c() {}"),
        ("Scripts/a.sh", "mktemp -d /tmp/a.XXXXXX"),
    ])
    func `what keeps the rules is no finding`(path: String, text: String) {
        #expect(Tidiness.findings(in: SourceFile(path: path, text: text)) == [])
    }

    @Test func `functions are measured from their first line to their closing brace`() {
        let text = #"""
            struct A {
                var plain = 1
                var b: Int {
                    1
                }
                init(
                    x: Int = [1].map { $0 }.count
                ) {
                    y = "}\(x.map { "{" })"
                }
                func c() -> String { "{" }
                @discardableResult public static func d<T>(_ t: T) throws -> Int where T: Hashable {
                    func e() {
                    }
                    return #/{/#.f(##"{"#{"##)  // {
                }
            }
            """#
        let lengths = Tidiness.functionLengths(SourceFile(path: "A.swift", text: text)).map {
            [$0.start + 1, $0.lines]
        }
        #expect(lengths == [[3, 3], [6, 5], [11, 1], [13, 2], [12, 5]])
    }
}

@Suite struct SwiftTextTests {
    @Test(arguments: [
        ("a \"b { c\" d", "a         d"), ("a // b", "a     "), ("\"\\\"{\" e", "      e"),
        ("\"x\\(y { \"z{\" })w\" e", "   (y {      })   e"), ("#\"\\(a)\"# b", "         b"),
        ("#/{\"/# b", "       b"), ("\"\"\"\n{\"\n\"\"\" b", "   \n  \n    b"), ("/* { */ b", "        b"),
        ("f(\"a\\(g(1))b\")", "f(   (g(1))  )"),
    ])
    func `strings, expressions and comments become spaces`(text: String, blanked: String) {
        #expect(SwiftText(text, keepsComments: false).blanked == blanked)
    }

    @Test func `comments can be kept`() {
        #expect(SwiftText("a \"b\" // \"c\"", keepsComments: true).blanked == "a     // \"c\"")
    }
}
