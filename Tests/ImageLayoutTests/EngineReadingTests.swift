import Foundation
import Hashing
import OCI
import RegistryContract
import RegistryTesting
import Testing

@testable import ImageLayout

/// What is written here, the tools of others read.
@Suite struct EngineReadingTests {
    private let engines: Engines

    init() throws {
        engines = try Engines()
    }

    private func layout(_ image: RealImage, tags: String...) async throws -> String {
        let path = engines.path("layout")
        let layout = LayoutRegistry(path: path)
        for tag in tags { try await image.push(to: layout, tags: tag) }
        return path
    }

    private func archive(_ image: RealImage, _ format: LayoutFormat) async throws -> String {
        let path = engines.path("archive.tar")
        let named = try ImageReference("localhost/team/app")
        let draft = try await ImageArchiveDraft.begin(path: path, as: format, image: named)
        try await image.push(to: draft, tags: "1")
        try await draft.finish()
        return path
    }

    /// What skopeo's `dir:` has of a manifest, as digest.
    private func digest(inFolder path: String) throws -> String {
        ContentHash.digest(of: try [UInt8](file: "\(path)/manifest.json")).description
    }

    @Test func `skopeo copies an image out of a layout and out of an archive, with its digest`() async throws {
        let image = try RealImage(seed: 1)
        let sources = [
            "oci:\(try await layout(image, tags: "1", "2")):1", "oci-archive:\(try await archive(image, .archive)):1",
        ]
        for (number, source) in sources.enumerated() {
            let target = engines.path("dir-\(number)")
            try await engines.run("skopeo", "copy", "--quiet", "--preserve-digests", source, "dir:\(target)")
            #expect(try digest(inFolder: target) == image.manifest.digest)
            for blob in image.blobs {
                #expect(try [UInt8](file: "\(target)/\(blob.digest.dropFirst(7))") == blob.bytes)
            }
        }
    }

    @Test func `skopeo takes the only image of a layout without its tag, also the child of an index`() async throws {
        let image = try RealImage(seed: 1)
        let path = engines.path("layout")
        let layout = LayoutRegistry(path: path)
        try await image.push(to: layout)
        let platform = #","platform":{"architecture":"amd64","os":"linux"}"#
        let index = SampleManifest.index(of: [image.manifest.descriptor(extra: platform)])
        try await layout.push(index, to: anywhere, tags: "multi")
        let said = try await engines.run("skopeo", "inspect", "--raw", "oci:\(path)")
        #expect(Array(said.utf8) == index.bytes)
    }

    @Test func `umoci lists the tags of a layout and unpacks its layers`() async throws {
        let path = try await layout(try RealImage(seed: 1), tags: "1", "other")
        let tags = try await engines.run("umoci", "list", "--layout", path)
        #expect(tags.split(separator: "\n").sorted() == ["1", "other"])
        let bundle = engines.path("bundle")
        try await engines.run("umoci", "unpack", "--image", "\(path):1", bundle)
        #expect(try listing("\(bundle)/rootfs") == ["etc/", "etc/file-1-0", "etc/file-1-1"])
    }

    @Test func `umoci collects nothing that is needed, and finds nothing that is not`() async throws {
        let image = try RealImage(seed: 1)
        let path = try await layout(image, tags: "1")
        let before = try listing(path)
        try await engines.run("umoci", "gc", "--layout", path)
        #expect(try listing(path) == before)
    }

    @Test func `buildah pulls from a layout`() async throws {
        let image = try RealImage(seed: 1)
        let path = try await layout(image, tags: "1")
        let id = try await engines.run("buildah", "pull", "--quiet", "oci:\(path):1")
        #expect(id.trimmingCharacters(in: .newlines) == image.config.digest.dropFirst(7))
    }

    @Test(arguments: [LayoutFormat.archive, .dockerArchive])
    func `podman loads an archive`(format: LayoutFormat) async throws {
        let image = try RealImage(seed: 1)
        let path = try await archive(image, format)
        let said = try await engines.run("podman", "load", "--quiet", "--input", path)
        if format == .dockerArchive { #expect(said.contains("localhost/team/app:1")) }
        let ids = try await engines.run("podman", "images", "--quiet", "--no-trunc")
        #expect(ids.contains(image.config.digest))
    }

    @Test func `skopeo reads an archive for docker load`() async throws {
        let image = try RealImage(seed: 1)
        let path = try await archive(image, .dockerArchive)
        let target = engines.path("dir")
        let source = "docker-archive:\(path):localhost/team/app:1"
        try await engines.run("skopeo", "copy", "--quiet", source, "dir:\(target)")
        #expect(try [UInt8](file: "\(target)/\(image.config.digest.dropFirst(7))") == image.config.bytes)
    }
}
