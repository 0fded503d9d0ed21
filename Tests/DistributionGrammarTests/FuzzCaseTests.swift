import Foundation
import FuzzTargets
import Testing

/// Inputs that are kept in Fuzz/: those that fuzzing begins with, and those that once broke a property.
@Suite struct FuzzCaseTests {
    @Test(arguments: FuzzTarget.allCases)
    func `every kept input of a target keeps its properties`(target: FuzzTarget) throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let folder = root.appending(path: "Fuzz/Corpus/\(target.rawValue)")
        let found = root.appending(path: "Fuzz/Found/\(target.rawValue)")
        var files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        #expect(!files.isEmpty)
        // Nothing may have been found of a target.
        if FileManager.default.fileExists(atPath: found.path()) {
            files += try FileManager.default.contentsOfDirectory(at: found, includingPropertiesForKeys: nil)
        }
        for file in files {
            let bytes = [UInt8](try Data(contentsOf: file))
            #expect(throws: Never.self, "\(file.path())") { try target.check(bytes) }
        }
    }
}
