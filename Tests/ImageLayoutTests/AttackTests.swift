import Archives
import Foundation
import OCI
import RegistryContract
import RegistryTesting
import Testing

@testable import ImageLayout

/// Layouts and archives that were made to do harm.
@Suite struct AttackTests {
    private let folder: TemporaryFolder
    private var path: String { "\(folder.path)/layout" }

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test(arguments: ["blobs/sha256", "blobs"])
    func `what lies behind a link is not deleted`(link: String) async throws {
        let image = try RealImage(seed: 1)
        let spare = SampleBlob("the only copy of something else")
        do {
            // While it is here, it keeps everybody from collecting.
            let layout = LayoutRegistry(path: path)
            try await image.push(to: layout, tags: "1")
            try await layout.push(spare, to: anywhere)
        }
        // Its last reference may go a moment later, on another thread.
        for _ in 0..<500 where (try? await LayoutRegistry(path: path).collect(isDryRun: true)) == nil {
            try await Task.sleep(for: .milliseconds(20))
        }
        let elsewhere = "\(folder.path)/elsewhere"
        try FileManager.default.moveItem(atPath: "\(path)/\(link)", toPath: elsewhere)
        try FileManager.default.createSymbolicLink(atPath: "\(path)/\(link)", withDestinationPath: elsewhere)
        let before = try listing(elsewhere)
        let linked = LayoutRegistry(path: path)
        #expect(await expectRefusal(.unsupported, saying: "is a link") { _ = try await linked.collect() } == nil)
        let refused = await expectRefusal(.unsupported, saying: "is a link") {
            try await linked.deleteBlob(try Digest(spare.digest), in: anywhere)
        }
        #expect(refused == nil)
        #expect(try listing(elsewhere) == before)
        try await image.demandWhole(in: linked, as: "1")
    }

    @Test func `what lies behind a link in the place of uploads is not cleared away`() async throws {
        let image = try RealImage(seed: 1)
        try await image.push(to: LayoutRegistry(path: path), tags: "1")
        let elsewhere = "\(folder.path)/elsewhere"
        try FileManager.default.createDirectory(atPath: elsewhere, withIntermediateDirectories: true)
        try "mine".write(to: "\(elsewhere)/wharf-notes")
        try FileManager.default.createSymbolicLink(atPath: "\(path)/ingest", withDestinationPath: elsewhere)
        let refused = await expectRefusal(.unsupported, saying: "is a link") {
            try await RealImage(seed: 2).push(to: LayoutRegistry(path: path), tags: "2")
        }
        #expect(refused == nil)
        #expect(try listing(elsewhere) == ["wharf-notes"])
    }

    @Test(.timeLimit(.minutes(1)))
    func `an archive that names one image very often is read as quickly as one that names it once`() async throws {
        let image = try RealImage(seed: 1)
        let padding = String(repeating: " ", count: 7 << 20)
        let config = Array(String(decoding: image.config.bytes, as: UTF8.self).utf8) + Array(padding.utf8)
        let entry = #"{"Config":"c.json","RepoTags":["example.com/app:1"],"Layers":["0.tar","1.tar"]}"#
        let list = "[" + Array(repeating: entry, count: 3000).joined(separator: ",") + "]"
        var writer = TarWriter()
        var bytes: [UInt8] = []
        let files = [
            ("0.tar", image.layers[0].bytes), ("1.tar", image.layers[1].bytes), ("c.json", config),
            ("manifest.json", Array(list.utf8)),
        ]
        for (name, content) in files { bytes += try writer.whole(TarEntry(path: name), content) }
        try (bytes + writer.finish()).write(to: "\(folder.path)/a.tar")
        let archive = try await ImageArchive.open(path: "\(folder.path)/a.tar", as: .dockerArchive)
        #expect(try await archive.verified(.tag(Tag("1"))).count == 4)
    }

    @Test func `a blob that is collected while its image is pushed is missed before the tag moves`() async throws {
        let image = try RealImage(seed: 1)
        let layout = LayoutRegistry(path: path)
        for blob in image.blobs { try await layout.push(blob, to: anywhere) }
        // What another program does between the look at the blobs and the change of the index.
        try layout.folder.changeIndex { _ in }
        try FileManager.default.removeItem(atPath: layout.folder.file(try Digest(image.layers[0].digest)))
        await #expect(throws: RegistryError(.manifestBlobUnknown, "")) {
            _ = try await layout.putManifest(image.manifest.push(tags: [Tag("1")]), in: anywhere)
        }
        #expect(try layout.folder.index().entries.isEmpty)
    }
}
