import Foundation
import Testing

@Suite struct GrowthPageTests {
    @Test func `the page on growth is what its program makes of its inputs`() throws {
        let growth = Process()
        growth.executableURL = URL(filePath: "/usr/bin/python3")
        growth.arguments = [SourceFile.root.appending(path: "Benchmarks/growth/growth").path, "check"]
        let said = Pipe()
        growth.standardError = said
        try growth.run()
        let words = try said.fileHandleForReading.readToEnd() ?? Data()
        growth.waitUntilExit()
        #expect(growth.terminationStatus == 0, "\(String(decoding: words, as: UTF8.self))")
    }
}
