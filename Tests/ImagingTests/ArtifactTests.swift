import Archives
import Foundation
import OCI
import RegistryContract
import RegistryTesting
import Testing
import Transfer

@testable import Imaging

@Suite struct ArtifactTests {
    private let house: House
    private let folder: TemporaryFolder
    private let type: MediaType

    init() throws {
        house = try House()
        folder = try TemporaryFolder()
        type = try demanded(MediaType("application/vnd.example.report"))
        try write(Array("one".utf8), to: folder.path + "/in/a.txt")
        try write(Array("two".utf8), to: folder.path + "/in/b.json")
    }

    private func files() -> [ArtifactPlan.File] {
        [
            .init(folder.path + "/in/a.txt"),
            .init(folder.path + "/in/b.json", title: "sub/b.json", mediaType: .emptyJSON),
        ]
    }

    /// Pushes a manifest with layers of such titles, and reads the files into a folder.
    private func pull(titles: [String], into output: String) async throws -> [String] {
        let layers = try await titles.asyncMap { title in
            var layer = try await house.push(Array(title.utf8), MediaType.octetStream.description)
            layer.annotations = ["org.opencontainers.image.title": title]
            return layer
        }
        let config = try await house.push(Array("{}".utf8), MediaType.emptyJSON.description)
        try await house.push(ManifestText.image(config: config, layers: layers), tag: "hostile")
        let reader = ArtifactReader(house.place)
        return try await reader.write(try await reader.files(of: try tag("hostile")), into: output)
    }

    @Test func `an artifact refers to its subject and is read back to the same files`() async throws {
        let subject = try await house.push(layers: [try tar(files: [("a", 1)])], tag: "image")
        var files = files()
        files[1].mediaType = try demanded(MediaType("application/json"))
        files[1].annotations = [NamedText("k", "v")]
        let plan = ArtifactPlan(
            artifactType: type,
            files: files,
            subject: subject,
            annotations: [NamedText("note", "x")]
        )
        let report = try await plan.draft().push(to: house.place, tags: [])
        let page = try await house.registry.referrers(
            to: subject.digest,
            artifactType: type.description,
            in: house.place.repository,
            after: nil,
            limit: 10
        )
        #expect(page.elements.map(\.digest) == [report.root.digest])
        #expect(page.elements.map(\.annotations) == [["note": "x"]])
        let reader = ArtifactReader(house.place)
        let found = try await reader.files(of: .digest(report.root.digest))
        #expect(found.map(\.name) == ["a.txt", "sub/b.json"])
        #expect(found[1].descriptor.annotations == ["k": "v", "org.opencontainers.image.title": "sub/b.json"])
        let output = folder.path + "/out"
        #expect(try await reader.write(found, into: output) == [output + "/a.txt", output + "/sub/b.json"])
        #expect(try contents(of: output + "/a.txt") == Array("one".utf8))
        #expect(try contents(of: output + "/sub/b.json") == Array("two".utf8))
        #expect(try names(in: output) == ["a.txt", "sub"])
    }

    @Test func `an artifact without files has the empty layer, as the specification wants it`() async throws {
        let draft = try await ArtifactPlan(artifactType: type, files: []).draft()
        let manifest = try await ImageReader(draft.place).manifest(.digest(draft.root.digest)).manifest
        #expect(manifest.layers.map(\.mediaType) == [.emptyJSON] && manifest.config == manifest.layers[0])
        #expect(manifest.artifactType == type.description)
        #expect(try await ArtifactReader(draft.place).files(of: .digest(draft.root.digest)).isEmpty)
    }

    @Test func `the same files make the same artifact`() async throws {
        let plan = ArtifactPlan(artifactType: type, files: files())
        #expect(try await plan.draft().root == (try await plan.draft().root))
    }

    @Test(arguments: ["../evil", "/etc/evil", "a/../../evil", "a//b", ".", "..", "a/", "nul\0name"])
    func `a title that leads out of the folder refuses the whole artifact`(title: String) async throws {
        let output = folder.path + "/out"
        await #expect(throws: ImagingError(.fileUnusable, "")) {
            try await pull(titles: ["good", title], into: output)
        }
        #expect(!FileManager.default.fileExists(atPath: output))
        #expect(throws: ImagingError(.requestInvalid, "")) {
            try ArtifactPlan(artifactType: type, files: [.init("x", title: title)]).checkTitles()
        }
    }

    @Test func `two files of one title are refused`() async throws {
        await #expect(throws: ImagingError(.fileUnusable, "")) {
            try await pull(titles: ["a", "a"], into: folder.path + "/out")
        }
    }

    @Test func `a link in the folder is not followed out of it`() async throws {
        let output = folder.path + "/out"
        try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: output + "/sub", withDestinationPath: folder.path + "/in")
        await #expect(throws: ImagingError(.fileUnusable, "")) { try await pull(titles: ["sub/x"], into: output) }
        #expect(try names(in: folder.path + "/in") == ["a.txt", "b.json"])
    }

    @Test func `a file that is there is kept, unless it is asked to overwrite`() async throws {
        let output = folder.path + "/out"
        try write(Array("mine".utf8), to: output + "/good")
        await #expect(throws: ImagingError(.fileUnusable, "")) { try await pull(titles: ["good"], into: output) }
        #expect(try contents(of: output + "/good") == Array("mine".utf8))
        let reader = ArtifactReader(house.place)
        _ = try await reader.write(try await reader.files(of: try tag("hostile")), into: output, overwrites: true)
        #expect(try contents(of: output + "/good") == Array("good".utf8))
        #expect(try names(in: output) == ["good"])
    }

    // MARK: - Folders

    /// Pushes an artifact with one archive of the folder `dir`, and unpacks it.
    private func unpack(_ entries: [(TarEntry, [UInt8])], limits: ContentLimits = ContentLimits()) async throws {
        var layer = try await house.push(try gzip(try tar(entries)), "application/vnd.oci.image.layer.v1.tar+gzip")
        layer.annotations = ["org.opencontainers.image.title": "dir", "io.deis.oras.content.unpack": "true"]
        var reader = ArtifactReader(house.place)
        reader.limits = limits
        _ = try await reader.write([.init(name: "dir", descriptor: layer)], into: folder.path + "/out")
    }

    @Test func `a folder of an artifact comes back with its files, its links and what may be run`() async throws {
        try write([1], to: folder.path + "/src/bin/run", mode: 0o755)
        try write([2], to: folder.path + "/src/etc/conf")
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/src/etc/link",
            withDestinationPath: "../bin/run"
        )
        var plan = ArtifactPlan(artifactType: type, files: [])
        let layer = try await LayerMaker().layer(
            of: [FileSource(folder.path + "/src", to: "/dir")],
            modified: 0,
            addsParents: true,
            history: HistoryStep()
        )
        plan.folders = [("dir", layer)]
        let draft = try await plan.draft()
        let reader = ArtifactReader(draft.place)
        let files = try await reader.files(of: .digest(draft.root.digest))
        _ = try await reader.write(files, into: folder.path + "/out")
        try await Command("diff", ["-r", "--no-dereference", folder.path + "/src", folder.path + "/out/dir"]).output()
        #expect(FileManager.default.isExecutableFile(atPath: folder.path + "/out/dir/bin/run"))
    }

    @Test(arguments: [
        TarEntry(path: "../evil"), TarEntry(path: "a/../../evil"), TarEntry(path: "/evil"),
        TarEntry(path: "dir/l", kind: .symbolicLink, target: "/etc/passwd"),
        TarEntry(path: "dir/l", kind: .symbolicLink, target: "../../x"),
        TarEntry(path: "dir/l", kind: .symbolicLink, target: "other/../../../x"),
        TarEntry(path: "dir/l", kind: .hardLink, target: "/etc/passwd"),
        TarEntry(path: "dir/d", kind: .characterDevice), TarEntry(path: "first"),
    ])
    func `an archive of a folder that lies is refused before anything is written`(entry: TarEntry) async throws {
        await #expect(throws: ImagingError(.fileUnusable, "")) {
            try await unpack([(TarEntry(path: "first"), [1]), (entry, [])])
        }
        #expect(try names(in: folder.path + "/out").isEmpty)
    }

    @Test func `an archive of a folder that unpacks to too much is refused before anything is written`() async throws {
        var limits = ContentLimits()
        limits.unpackedByteCountMax = 1 << 20
        await #expect(throws: ImagingError(.fileUnusable, "")) {
            try await unpack([(TarEntry(path: "a"), [UInt8](repeating: 0, count: 2 << 20))], limits: limits)
        }
        #expect(try names(in: folder.path + "/out").isEmpty)
    }

    @Test func `a link of the archive is not written through`() async throws {
        await #expect(throws: ImagingError(.fileUnusable, "")) {
            try await unpack([
                (TarEntry(path: "dir/sub", kind: .folder), []),
                (TarEntry(path: "dir/l", kind: .symbolicLink, target: "sub"), []), (TarEntry(path: "dir/l/x"), [1]),
            ])
        }
        #expect(try names(in: folder.path + "/out/dir/sub").isEmpty)
    }

    @Test func `a blob that is not what it should be leaves no file`() async throws {
        var layer = try await house.push([1, 2, 3], MediaType.octetStream.description)
        layer.size = 2
        layer.annotations = ["org.opencontainers.image.title": "short"]
        let output = folder.path + "/out"
        await #expect(throws: ImagingError(.contentMismatch, "")) {
            try await ArtifactReader(house.place).write([.init(name: "short", descriptor: layer)], into: output)
        }
        #expect(try names(in: output).isEmpty)
    }
}

extension Sequence {
    fileprivate func asyncMap<Result>(_ transform: (Element) async throws -> Result) async rethrows -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}
