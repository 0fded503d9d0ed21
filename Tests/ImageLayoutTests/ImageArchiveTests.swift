import Archives
import Foundation
import NIOCore
import OCI
import RegistryContract
import RegistryTesting
import Testing

@testable import ImageLayout

@Suite struct ImageArchiveTests {
    private let folder: TemporaryFolder
    private var path: String { "\(folder.path)/image.tar" }

    init() throws {
        folder = try TemporaryFolder()
    }

    private func draft(_ format: LayoutFormat, _ image: String? = nil) async throws -> ImageArchiveDraft {
        try await ImageArchiveDraft.begin(path: path, as: format, image: image.map { try ImageReference($0) })
    }

    private func open(_ format: LayoutFormat) async throws -> ImageArchive {
        try await ImageArchive.open(path: path, as: format)
    }

    @Test func `an archive of a layout gives back what was put in, and leaves nothing beside it`() async throws {
        let image = try RealImage(seed: 1)
        let draft = try await draft(.archive)
        try await image.push(to: draft, tags: "1", "latest")
        #expect(!FileManager.default.fileExists(atPath: path))
        try await draft.finish()
        #expect(try listing(folder.path) == ["image.tar"])
        let archive = try await open(.archive)
        try await image.demandWhole(in: archive, as: "1")
        try await image.demandWhole(in: archive, as: image.manifest.digest)
        #expect(try await archive.allTags(in: anywhere) == ["1", "latest"])
        #expect(try await archive.soleReference() == .tag(Tag("1")))
    }

    @Test(arguments: [LayoutFormat.archive, .dockerArchive])
    func `the same images give the same archive, whatever came first`(format: LayoutFormat) async throws {
        let images = [try RealImage(seed: 1), try RealImage(seed: 2)]
        var archives: Set<[UInt8]> = []
        for order in [images, images.reversed()] {
            let draft = try await draft(format, "example.com/app")
            for image in order { try await image.push(to: draft, tags: "t\(image.manifest.digest.suffix(4))") }
            try await draft.finish()
            archives.insert(try [UInt8](file: path))
        }
        #expect(archives.count == 1)
    }

    @Test(arguments: ["gzip", "zstd"])
    func `a compressed archive is read as well`(tool: String) async throws {
        let image = try RealImage(seed: 1)
        let draft = try await draft(.archive)
        try await image.push(to: draft, tags: "1")
        try await draft.finish()
        try await Command(tool, ["-q", path]).output()
        let packed = "\(path).\(tool == "gzip" ? "gz" : "zst")"
        let unpacked = "\(folder.path)/unpacked"
        try FileManager.default.createDirectory(atPath: unpacked, withIntermediateDirectories: true)
        let archive = try await ImageArchive.open(path: packed, as: .archive, temporaryFolder: unpacked)
        try await image.demandWhole(in: archive, as: "1")
        #expect(try listing(unpacked) == [])
    }

    @Test func `an archive comes out of a pipe, and goes into one`() async throws {
        let image = try RealImage(seed: 1)
        try await Command("mkfifo", [path]).output()
        let draft = try await draft(.archive)
        try await image.push(to: draft, tags: "1")
        async let reading = open(.archive)
        try await draft.finish()
        try await image.demandWhole(in: try await reading, as: "1")
    }

    @Test func `what docker load reads gives back an image of the same config and layers`() async throws {
        let (image, other) = (try RealImage(seed: 1), try RealImage(seed: 2, format: .plain))
        let draft = try await draft(.dockerArchive, "localhost:5000/team/app")
        try await image.push(to: draft, tags: "1", "latest")
        try await other.push(to: draft)
        try await draft.finish()
        let archive = try await open(.dockerArchive)
        #expect(try await archive.allTags(in: anywhere) == ["1", "latest"])
        let digests = try await archive.verified(.tag(Tag("1")))
        #expect(Array(digests.dropFirst()) == [image.config.digest] + image.diffs.map(\.digest))
        let named = try await archive.reference(of: ImageReference("localhost:5000/team/app:1"))
        #expect(try await archive.verified(named) == digests)
        #expect(try await archive.verified(named) == (try await archive.verified(.tag(Tag("latest")))))
        await #expect(throws: RegistryError(.manifestUnknown, "")) {
            _ = try await archive.reference(of: ImageReference("localhost:5000/other/app:1"))
        }
        let second = try await archive.entries().filter { $0.name == nil }.map(\.descriptor.digest)
        #expect(second.count == 1)
        #expect(try await archive.verified(.digest(second[0])).dropFirst().first == other.config.digest)
    }

    @Test func `what docker load reads is the same in a file and in a pipe`() async throws {
        let image = try RealImage(seed: 1)
        let first = try await draft(.dockerArchive, "example.com/app")
        try await image.push(to: first, tags: "1")
        try await first.finish()
        let pipe = "\(folder.path)/pipe"
        try await Command("mkfifo", [pipe]).output()
        let reader = try Command("/bin/sh", ["-c", "cat \(pipe) >\(pipe).tar"]).start()
        let second = try await ImageArchiveDraft.begin(
            path: pipe,
            as: .dockerArchive,
            image: ImageReference("example.com/app")
        )
        try await image.push(to: second, tags: "1")
        try await second.finish()
        try await reader.waitUntil("the pipe was read") { try [UInt8](file: "\(pipe).tar") == [UInt8](file: path) }
    }

    @Test func `an archive of newer Dockers is read by its manifests, and its images by their full names`() async throws
    {
        let image = try RealImage(seed: 1)
        let source = LayoutRegistry(path: "\(folder.path)/layout")
        try await image.push(to: source, tags: "1")
        let plain = try [UInt8](file: "\(source.path)/index.json")
        let name = #""annotations":{"io.containerd.image.name":"docker.io/library/app:1","#
        let index = String(decoding: plain, as: UTF8.self).replacing(#""annotations":{"#, with: name)
        try index.write(to: "\(source.path)/index.json")
        let blob = { (digest: String) in "blobs/" + digest.replacing(":", with: "/") }
        let layers = image.layers.map { #""\#(blob($0.digest))""# }.joined(separator: ",")
        try #"[{"Config":"\#(blob(image.config.digest))","RepoTags":["app:1"],"Layers":[\#(layers)]}]"#
            .write(to: "\(source.path)/manifest.json")
        try await Command("tar", ["-cf", path, "-C", source.path, "."]).output()
        let archive = try await open(.dockerArchive)
        #expect(try await archive.reference(of: ImageReference("app:1")) == .digest(image.manifest.name))
        try await image.demandWhole(in: archive, as: "1")
    }

    @Test func `what has no place in an archive for docker load is refused with a way out`() async throws {
        let image = try RealImage(seed: 1)
        let draft = try await draft(.dockerArchive)
        try await image.push(to: draft)
        let index = await expectRefusal(.unsupported, saying: "Choose a platform") {
            try await draft.push(SampleManifest.index(of: [image.manifest.descriptor()]), to: anywhere, tags: "1")
        }
        #expect(index == nil)
        try await draft.push(SampleBlob.emptyJSON, to: anywhere)
        let artifact = await expectRefusal(.unsupported, saying: "artifacts") {
            try await draft.push(SampleManifest.referrer(to: image.manifest.descriptor()), to: anywhere)
        }
        #expect(artifact == nil)
    }

    @Test func `a layer that is not what its config says makes no archive`() async throws {
        try "before".write(to: path)
        let (image, other) = (try RealImage(seed: 1), try RealImage(seed: 2))
        let draft = try await draft(.dockerArchive)
        for blob in image.blobs + other.blobs { try await draft.push(blob, to: anywhere) }
        let mixed = SampleManifest.image(
            config: image.config.descriptor("application/vnd.oci.image.config.v1+json"),
            layers: other.layers.map { $0.descriptor("application/vnd.oci.image.layer.v1.tar+gzip") }
        )
        try await draft.push(mixed, to: anywhere, tags: "1")
        await #expect(throws: RegistryError(.digestMismatch, "")) { try await draft.finish() }
        #expect(try listing(folder.path) == ["image.tar"])
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "before")
    }

    @Test func `a draft that is not finished leaves nothing, and a finished one takes the place of what was there`()
        async throws
    {
        try "before".write(to: path)
        let dropped = try await draft(.archive)
        try await RealImage(seed: 1).push(to: dropped, tags: "1")
        await dropped.discard()
        #expect(try listing(folder.path) == ["image.tar"])
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "before")
        let draft = try await draft(.archive)
        try await RealImage(seed: 2).push(to: draft, tags: "2")
        try await draft.finish()
        #expect(try await open(.archive).allTags(in: anywhere) == ["2"])
    }

    @Test func `what a killed program has left is removed by the next, and what a living one has is not`() async throws
    {
        let dead = "\(folder.path)/.image.tar.wharf-dead/layout"
        try FileManager.default.createDirectory(atPath: dead, withIntermediateDirectories: true)
        let living = try await draft(.archive)
        try await RealImage(seed: 1).push(to: living, tags: "1")
        let other = try await draft(.archive)
        #expect(!FileManager.default.fileExists(atPath: dead))
        try await RealImage(seed: 2).push(to: other, tags: "2")
        try await other.finish()
        try await living.finish()
        try await RealImage(seed: 1).demandWhole(in: try await open(.archive), as: "1")
        #expect(try listing(folder.path) == ["image.tar"])
    }

    @Test(.enabled(if: MountedFolder.isPossible, "no file system can be mounted here"))
    func `a full disk leaves the old archive, and nothing else`() async throws {
        let disk = try MountedFolder(byteCount: 1 << 20)
        let path = "\(disk.path)/image.tar"
        try "before".write(to: path)
        let draft = try await ImageArchiveDraft.begin(path: path, as: .archive)
        let blob = SampleBlob(count: 700_000, seed: 1)
        try await draft.push(blob, to: anywhere)
        let config = SampleBlob.emptyJSON
        try await draft.push(config, to: anywhere)
        let manifest = SampleManifest.image(
            config: config.descriptor("application/vnd.oci.empty.v1+json"),
            layers: [blob.descriptor("a/b")]
        )
        try await draft.push(manifest, to: anywhere, tags: "1")
        await #expect(throws: RegistryError(.storageFull, "")) { try await draft.finish() }
        #expect(try listing(disk.path) == ["image.tar"])
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "before")
    }

    @Test func `an archive is not written to`() async throws {
        let draft = try await draft(.archive)
        try await RealImage(seed: 1).push(to: draft, tags: "1")
        try await draft.finish()
        let archive = try await open(.archive)
        await #expect(throws: RegistryError(.unsupported, "")) {
            try await RealImage(seed: 2).push(to: archive, tags: "2")
        }
        await #expect(throws: RegistryError(.unsupported, "")) { try await archive.deleteTag(Tag("1"), in: anywhere) }
    }
}
