import OCI
import RegistryContract
import RegistryTesting
import Testing
import Transfer

@testable import Imaging

/// Images and artifacts that were made to do harm.
@Suite struct AttackTests {
    @Test(.timeLimit(.minutes(1)))
    func `indexes that name each other many times are read once each`() async throws {
        let house = try House()
        var child = try await house.push(layers: [try tar(files: [("a", 1)])])
        for _ in 0..<ImageReader.nestingMax {
            // No annotation tells them apart: it is a hundred times the same.
            child = try await house.push(ManifestText.index(children: Array(repeating: child, count: 100)))
        }
        let images = try await house.reader.images(.digest(child.digest))
        #expect(images.count == 1)
    }

    @Test(arguments: ["a\u{1B}]0;owned\u{7}", "a\nb", "a\u{9B}2J", "\u{7F}"])
    func `a name that a terminal would act on is no name for a file`(name: String) {
        #expect(OutputFolder.components(of: name) == nil)
        #expect(OutputFolder.components(of: "f/\(name)") == nil)
    }
}
