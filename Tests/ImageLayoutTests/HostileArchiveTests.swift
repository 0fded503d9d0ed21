import Archives
import Foundation
import OCI
import RegistryContract
import RegistryTesting
import Testing

@testable import ImageLayout

/// Archives that lie.
///
/// Each is refused when it is opened, before anything of it is used.
@Suite struct HostileArchiveTests {
    private let folder: TemporaryFolder
    private var path: String { "\(folder.path)/image.tar" }

    init() throws {
        folder = try TemporaryFolder()
    }

    /// An archive with entries before those of an honest docker archive, and with files of it in the place of others.
    private func write(
        before entries: [TarEntry] = [],
        replacing: [String: [UInt8]] = [:],
        without: Set<String> = [],
        twice: String? = nil
    ) throws {
        let image = try RealImage(seed: 1)
        let manifest =
            #"[{"Config":"\#(image.config.digest.dropFirst(7)).json","RepoTags":["example.com/app:1"],"#
            + #""Layers":["0/layer.tar","1/layer.tar"]}]"#
        var files: [(String, [UInt8])] = [
            ("0/layer.tar", image.diffs[0].bytes), ("1/layer.tar", image.diffs[1].bytes),
            ("\(image.config.digest.dropFirst(7)).json", image.config.bytes), ("manifest.json", Array(manifest.utf8)),
        ]
        files = files.map { ($0.0, replacing[$0.0] ?? $0.1) }.filter { !without.contains($0.0) }
        var writer = TarWriter()
        var bytes: [UInt8] = []
        for entry in entries { bytes += try writer.whole(entry) }
        for (name, content) in files { bytes += try writer.whole(TarEntry(path: name), content) }
        if let twice { bytes += try writer.whole(TarEntry(path: twice), [1]) }
        try (bytes + writer.finish()).write(to: path)
    }

    private func refusal(_ code: RegistryError.Code, _ words: String) async -> String? {
        await expectRefusal(code, saying: words) {
            let archive = try await ImageArchive.open(path: path, as: .dockerArchive)
            _ = try await archive.verified(.tag(Tag("1")))
        }
    }

    @Test func `the honest one is read`() async throws {
        try write()
        let image = try RealImage(seed: 1)
        let archive = try await ImageArchive.open(path: path, as: .dockerArchive)
        let expected = [image.config.digest] + image.diffs.map(\.digest)
        #expect(try await archive.verified(.tag(Tag("1"))).dropFirst() == expected[...])
        #expect(try await archive.manifest(.tag(Tag("1")), in: anywhere).mediaType == .dockerManifest)
    }

    @Test(arguments: ["../evil", "/etc/passwd", "a/../../evil"])
    func `a name that leads out is refused`(name: String) async throws {
        try write(before: [TarEntry(path: name)])
        #expect(await refusal(.unsupported, "could lead out") == nil)
    }

    @Test(arguments: [
        TarEntry(path: "link", kind: .symbolicLink, target: "/etc/passwd"),
        TarEntry(path: "a/link", kind: .symbolicLink, target: "../../etc/passwd"),
        TarEntry(path: "link", kind: .hardLink, target: "../etc/passwd"),
    ])
    func `a link that leads out is refused`(link: TarEntry) async throws {
        try write(before: [link])
        #expect(await refusal(.unsupported, "lead") == nil)
    }

    @Test func `links within the archive are followed, and those that go in circles are not`() async throws {
        let image = try RealImage(seed: 1)
        let link = TarEntry(path: "1/layer.tar", kind: .symbolicLink, target: "../2/layer.tar")
        var writer = TarWriter()
        let moved = try writer.whole(TarEntry(path: "2/layer.tar"), image.diffs[1].bytes)
        try write(before: [link], without: ["1/layer.tar"])
        try (moved + [UInt8](file: path)).write(to: path)
        let archive = try await ImageArchive.open(path: path, as: .dockerArchive)
        #expect(try await archive.verified(.tag(Tag("1"))).last == image.diffs[1].digest)
        let back = TarEntry(path: "2/layer.tar", kind: .symbolicLink, target: "../1/layer.tar")
        try write(before: [link, back], without: ["1/layer.tar"])
        #expect(await refusal(.unsupported, "1/layer.tar") == nil)
    }

    @Test func `two entries of one name are refused, however they are spelt`() async throws {
        for name in ["manifest.json", "./manifest.json", ".//manifest.json"] {
            try write(twice: name)
            #expect(await refusal(.unsupported, "two entries") == nil)
        }
    }

    @Test func `an archive that ends too soon is refused, wherever that is`() async throws {
        try write()
        let bytes = try [UInt8](file: path)
        for count in stride(from: 0, to: bytes.count - 1024, by: 397) {
            try Array(bytes.prefix(count)).write(to: path)
            await #expect(throws: RegistryError.self, "\(count) bytes") {
                _ = try await ImageArchive.open(path: path, as: .dockerArchive)
            }
        }
    }

    @Test func `a config or a layer of another digest is found`() async throws {
        let image = try RealImage(seed: 1)
        let config = "\(image.config.digest.dropFirst(7)).json"
        try write(replacing: [config: image.config.bytes + [0x20]])
        #expect(await refusal(.digestMismatch, "damaged") == nil)
        // A layer is compared by who reads it; here that is the test.
        try write(replacing: ["0/layer.tar": image.diffs[1].bytes])
        let archive = try await ImageArchive.open(path: path, as: .dockerArchive)
        await #expect(throws: WrongContent.self) { _ = try await archive.verified(.tag(Tag("1"))) }
        // One that is compressed is compared at once.
        try write(replacing: ["0/layer.tar": image.layers[1].bytes])
        #expect(await refusal(.digestMismatch, "its config says") == nil)
        try write(replacing: ["0/layer.tar": image.layers[0].bytes])
        let packed = try await ImageArchive.open(path: path, as: .dockerArchive)
        #expect(try await packed.verified(.tag(Tag("1"))).contains(image.layers[0].digest))
    }

    @Test(arguments: [
        ("", "list"), ("{}", "list"), ("[{}]", "without Config"), (#"[{"Config":"x.json","Layers":[]}]"#, "x.json"),
        (#"[{"Config":"0/layer.tar","Layers":["x"]}]"#, "rootfs"),
    ])
    func `a manifest.json that is none is refused`(text: String, words: String) async throws {
        try write(replacing: ["manifest.json": Array(text.utf8)])
        #expect(await refusal(.unsupported, words) == nil)
    }

    @Test func `a layer that is missing, or that the config does not have, is named`() async throws {
        try write(without: ["1/layer.tar"])
        #expect(await refusal(.unsupported, "1/layer.tar") == nil)
        let image = try RealImage(seed: 1)
        let list = #"[{"Config":"\#(image.config.digest.dropFirst(7)).json","Layers":["0/layer.tar"]}]"#
        try write(replacing: ["manifest.json": Array(list.utf8)])
        #expect(await refusal(.unsupported, "lists 1 layers") == nil)
    }

    @Test func `a manifest.json that is too large is not read`() async throws {
        try write(replacing: ["manifest.json": [UInt8](repeating: 0x20, count: 9 << 20)])
        #expect(await refusal(.manifestTooLarge, "may have") == nil)
    }

    @Test func `the other kind of archive is named`() async throws {
        try write()
        let problem = await expectRefusal(.unsupported, saying: "docker-archive:") {
            _ = try await ImageArchive.open(path: path, as: .archive)
        }
        #expect(problem == nil)
    }

    @Test func `a bomb is refused before it fills the disk`() async throws {
        try await Command("truncate", ["--size", "300M", "\(folder.path)/zeros"]).output()
        try await Command("/bin/sh", ["-c", "gzip -9 <\(folder.path)/zeros >\(path)"]).output()
        let limit = ExpansionLimit(byteCountMax: 1 << 40, ratioMax: 100)
        let problem = await expectRefusal(.sizeInvalid, saying: "attack") {
            _ = try await ImageArchive.open(path: path, as: .archive, limit: limit, temporaryFolder: folder.path)
        }
        #expect(problem == nil)
        #expect(try listing(folder.path) == ["image.tar", "zeros"])
    }
}
