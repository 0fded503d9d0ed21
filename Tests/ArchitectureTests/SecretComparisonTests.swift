import Foundation
import Testing

/// Secrets are compared by `Secret`, which looks at all bytes, and never as text or as arrays, which stop at the first
/// byte that differs.
@Suite struct SecretComparisonTests {
    private static let rooms = ["Sources/Engine/Identity", "Sources/Engine/Administration", "Sources/Wire"]

    /// A comparison of what is called a secret, or of the bytes of one, with anything but nil.
    private static func isSuspect(_ line: String) -> Bool {
        // Most lines compare nothing, and a search for words is quick.
        guard ["==", "!=", ".bytes."].contains(where: { line.contains($0) }) else { return false }
        let left = /(?i)(?:secret|password|refreshToken)(?:\.bytes|\.value)?\s*[!=]=(?!\s*nil)/
        let right = /(?i)[!=]=\s*(?:\w+\.)*\w*(?:secret|password|refreshToken)(?:\.bytes|\.value)?\s*(?:$|[,;{&|)])/
        let bytes = /\.bytes\s*[!=]=|[!=]=\s*(?:\w+\.)*bytes(?![.\w])|\.bytes\.elementsEqual/
        return [left, right].contains { line.contains($0) } || line.contains(bytes)
    }

    @Test func `no secret is compared as text or as an array`() throws {
        let files = try SourceFile.all(under: Self.rooms, extensions: ["swift"])
        #expect(files.count > 50)
        for file in files where file.path != "Sources/Engine/Identity/Secret.swift" {
            for (index, line) in file.codeLines.enumerated() where Self.isSuspect(String(line)) {
                Issue.record("\(file.path):\(index + 1): compare secrets by Secret ==: \(line)")
            }
        }
    }

    @Test(arguments: [
        "guard password == stored else {", "if secret.bytes == other {", "return given == secret",
        "a.refreshToken != text",
        "x == known.password,", "left.bytes.elementsEqual(right)", "if hash == fact.password {",
    ])
    func `a comparison that stops early is found`(line: String) {
        #expect(Self.isSuspect(line))
    }

    @Test(arguments: [
        "guard password != nil else {", "guard kind == .personal, secret.kind == kind",
        "left.bytes.count == right.bytes.count",
        "text == \"password\"", "case \"password\": a == b",
    ])
    func `what compares no secret is left alone`(line: String) {
        #expect(!Self.isSuspect(line))
    }
}
