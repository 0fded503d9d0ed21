import Foundation
import OCI
import RegistryContract
import RegistryTesting
import Testing

@testable import ImageLayout

/// What the tools of others write is read here.
@Suite struct EngineWritingTests {
    private let engines: Engines
    private let image: RealImage
    private var source: String { engines.path("source") }

    init() throws {
        engines = try Engines()
        image = try RealImage(seed: 1)
    }

    /// Puts the image into the store of podman and buildah under a name.
    private func store(_ name: String) async throws {
        try await image.push(to: LayoutRegistry(path: source), tags: "1")
        try await engines.run("skopeo", "copy", "--quiet", "oci:\(source):1", "containers-storage:\(name)")
    }

    private var whole: [String] {
        [image.manifest.digest, image.config.digest] + image.layers.map(\.digest)
    }

    @Test(arguments: [("2", "2"), ("docker.io/library/app:3", "3"), ("team/app:x", "x")])
    func `skopeo's layouts are read, by whatever name`(name: String, tag: String) async throws {
        try await image.push(to: LayoutRegistry(path: source), tags: "1")
        let (folder, archive) = (engines.path("layout"), engines.path("archive.tar"))
        try await engines.run("skopeo", "copy", "--quiet", "oci:\(source):1", "oci:\(folder):\(name)")
        try await engines.run("skopeo", "copy", "--quiet", "oci:\(source):1", "oci-archive:\(archive):\(name)")
        let layout = LayoutRegistry(path: folder)
        #expect(try await layout.verified(.tag(Tag(tag))) == whole)
        #expect(try await layout.soleReference() == .tag(Tag(tag)))
        #expect(try await ImageArchive.open(path: archive, as: .archive).verified(.tag(Tag(tag))) == whole)
    }

    @Test func `skopeo and this program write to one layout by turns`() async throws {
        let (folder, other) = (engines.path("layout"), try RealImage(seed: 2))
        try await image.push(to: LayoutRegistry(path: source), tags: "1")
        for turn in 0..<3 {
            try await engines.run("skopeo", "copy", "--quiet", "oci:\(source):1", "oci:\(folder):s\(turn)")
            try await other.push(to: LayoutRegistry(path: folder), tags: "w\(turn)")
        }
        let layout = LayoutRegistry(path: folder)
        #expect(try await layout.allTags(in: anywhere) == ["s0", "s1", "s2", "w0", "w1", "w2"])
        #expect(try await layout.verified(.tag(Tag("s0"))) == whole)
        try await other.demandWhole(in: layout, as: "w2")
    }

    @Test func `skopeo's archives for docker load are read, with the same config and layers`() async throws {
        try await image.push(to: LayoutRegistry(path: source), tags: "1")
        let path = engines.path("docker.tar")
        try await engines.run(
            "skopeo",
            "copy",
            "--quiet",
            "oci:\(source):1",
            "docker-archive:\(path):example.com/app:1"
        )
        let archive = try await ImageArchive.open(path: path, as: .dockerArchive)
        let digests = try await archive.verified(.tag(Tag("1")))
        #expect(Array(digests.dropFirst()) == [image.config.digest] + image.diffs.map(\.digest))
        #expect(try await archive.entries().map(\.name) == ["example.com/app:1"])
    }

    @Test func `umoci's layouts are read`() async throws {
        let folder = engines.path("layout")
        try await engines.run("umoci", "init", "--layout", folder)
        try await engines.run("umoci", "new", "--image", "\(folder):made")
        try "content".write(to: engines.path("file"))
        try await engines.run("umoci", "insert", "--image", "\(folder):made", engines.path("file"), "/file")
        let layout = LayoutRegistry(path: folder)
        #expect(try await layout.allTags(in: anywhere) == ["made"])
        // Its manifest, config and one layer.
        #expect(try await layout.verified(.tag(Tag("made"))).count == 3)
        try await image.push(to: layout, tags: "added")
        let tags = try await engines.run("umoci", "list", "--layout", folder)
        #expect(tags.split(separator: "\n").sorted() == ["added", "made"])
    }

    @Test(arguments: ["oci-archive", "docker-archive", "oci-dir"])
    func `what podman saves is read`(form: String) async throws {
        try await store("example.com/app:1")
        let path = engines.path("saved")
        try await engines.run("podman", "save", "--quiet", "--format", form, "--output", path, "example.com/app:1")
        let digests: [String] =
            switch form {
            case "oci-dir": try await LayoutRegistry(path: path).verified(.tag(Tag("1")))
            case "oci-archive": try await ImageArchive.open(path: path, as: .archive).verified(.tag(Tag("1")))
            default: try await ImageArchive.open(path: path, as: .dockerArchive).verified(.tag(Tag("1")))
            }
        #expect(digests.count == 4)
        #expect(digests[1] == image.config.digest)
    }

    @Test func `several images that podman saves at once are read, each by its name`() async throws {
        try await store("example.com/app:1")
        try await store("example.com/other:2")
        let path = engines.path("saved")
        try await engines.run(
            "podman",
            "save",
            "--quiet",
            "-m",
            "--output",
            path,
            "example.com/app:1",
            "example.com/other:2"
        )
        let archive = try await ImageArchive.open(path: path, as: .dockerArchive)
        #expect(try await archive.allTags(in: anywhere) == ["1", "2"])
        for name in ["example.com/app:1", "example.com/other:2"] {
            let reference = try await archive.reference(of: ImageReference(name))
            #expect(try await archive.verified(reference)[1] == image.config.digest)
        }
    }

    @Test func `what buildah pushes is read, in each form`() async throws {
        try await store("example.com/app:1")
        let (folder, archive, docker) = (engines.path("b"), engines.path("b.tar"), engines.path("b-docker.tar"))
        try await engines.run("buildah", "push", "--quiet", "example.com/app:1", "oci:\(folder):b")
        try await engines.run("buildah", "push", "--quiet", "example.com/app:1", "oci-archive:\(archive):b")
        try await engines.run("buildah", "push", "--quiet", "example.com/app:1", "docker-archive:\(docker):x/app:b")
        let tag = Reference.tag(try Tag("b"))
        #expect(try await LayoutRegistry(path: folder).verified(tag)[1] == image.config.digest)
        #expect(try await ImageArchive.open(path: archive, as: .archive).verified(tag)[1] == image.config.digest)
        #expect(try await ImageArchive.open(path: docker, as: .dockerArchive).verified(tag)[1] == image.config.digest)
    }
}
