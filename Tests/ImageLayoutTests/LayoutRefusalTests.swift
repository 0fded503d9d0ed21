import Foundation
import NIOCore
import OCI
import RegistryContract
import RegistryTesting
import Testing

@testable import ImageLayout

/// Folders that are no layouts, and layouts that lie.
@Suite struct LayoutRefusalTests {
    private let folder: TemporaryFolder
    private var path: String { "\(folder.path)/images" }
    private var layout: LayoutRegistry { LayoutRegistry(path: path) }

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test func `a folder that is no layout and not empty is not written to`() async throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try "mine".write(to: "\(path)/thesis.txt")
        let problem = await expectRefusal(.unsupported, saying: "thesis.txt") {
            try await RealImage(seed: 1).push(to: layout, tags: "1")
        }
        #expect(problem == nil)
        #expect(try listing(path) == ["thesis.txt"])
    }

    @Test func `what is not there, or is a file, is said so`() async throws {
        let absent = await expectRefusal(.nameUnknown, saying: path) {
            _ = try await layout.manifest(.tag(Tag("1")), in: anywhere)
        }
        #expect(absent == nil)
        try "file".write(to: path)
        await #expect(throws: RegistryError.self) { try await RealImage(seed: 1).push(to: layout, tags: "1") }
    }

    @Test(arguments: [
        (#"{"imageLayoutVersion":"2.0.0"}"#, "2.0.0"), ("{}", "version"), ("no JSON", "version"),
    ])
    func `another version is refused`(version: String, words: String) async throws {
        try await RealImage(seed: 1).push(to: layout, tags: "1")
        try version.write(to: "\(path)/oci-layout")
        let problem = await expectRefusal(.unsupported, saying: words) {
            _ = try await layout.tags(in: anywhere, after: nil, limit: 1)
        }
        #expect(problem == nil)
    }

    @Test(arguments: [
        "", "[]", #"{"schemaVersion":1,"manifests":[]}"#, #"{"schemaVersion":2,"manifests":[{"digest":"x","size":1}]}"#,
    ])
    func `an index that is none is refused, and not written over`(index: String) async throws {
        let image = try RealImage(seed: 1)
        try await image.push(to: layout, tags: "1")
        try index.write(to: "\(path)/index.json")
        let problem = await expectRefusal(.manifestInvalid, saying: "index.json") {
            try await image.push(to: layout, tags: "2")
        }
        #expect(problem == nil)
        #expect(try String(contentsOfFile: "\(path)/index.json", encoding: .utf8) == index)
    }

    @Test func `a link in the place of a file is not followed`() async throws {
        let image = try RealImage(seed: 1)
        try await image.push(to: layout, tags: "1")
        let file = "\(path)/blobs/" + image.layers[0].digest.replacing(":", with: "/")
        try FileManager.default.moveItem(atPath: file, toPath: "\(folder.path)/elsewhere")
        try FileManager.default.createSymbolicLink(atPath: file, withDestinationPath: "\(folder.path)/elsewhere")
        let problem = await expectRefusal(.unsupported, saying: "link") {
            _ = try await layout.blob(image.layers[0].name, in: anywhere)
        }
        #expect(problem == nil)
    }

    @Test func `a manifest with other bytes than its digest says is refused`() async throws {
        let image = try RealImage(seed: 1)
        try await image.push(to: layout, tags: "1")
        let file = "\(path)/blobs/" + image.manifest.digest.replacing(":", with: "/")
        try (image.manifest.bytes + [0x20]).write(to: file)
        await #expect(throws: RegistryError(.digestMismatch, "")) {
            _ = try await layout.manifest(.tag(Tag("1")), in: anywhere)
        }
    }

    @Test func `a tag whose manifest is missing is said to be incomplete`() async throws {
        let image = try RealImage(seed: 1)
        try await image.push(to: layout, tags: "1")
        try FileManager.default.removeItem(
            atPath: "\(path)/blobs/" + image.manifest.digest.replacing(":", with: "/")
        )
        let problem = await expectRefusal(.manifestUnknown, saying: "not complete") {
            _ = try await layout.manifest(.tag(Tag("1")), in: anywhere)
        }
        #expect(problem == nil)
    }

    @Test func `a manifest of a hundred megabytes is refused before it is read`() async throws {
        let image = try RealImage(seed: 1)
        try await image.push(to: layout, tags: "1")
        let file = "\(path)/blobs/" + image.manifest.digest.replacing(":", with: "/")
        try await Command("truncate", ["--size", "100M", file]).output()
        await #expect(throws: RegistryError(.manifestTooLarge, "")) {
            _ = try await layout.manifest(.tag(Tag("1")), in: anywhere)
        }
    }
}
