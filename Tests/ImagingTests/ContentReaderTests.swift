import Archives
import Hashing
import OCI
import RegistryTesting
import Testing
import Transfer

@testable import Imaging

@Suite struct ContentReaderTests {
    /// What changed in a layer, in short: `+ path`, `~ path`, `- path`, each with the bytes that it hid.
    private func changes(_ layer: ImageContents.Layer) -> [String] {
        layer.changes.map { change in
            let sign =
                switch change.kind {
                case .added: "+"
                case .changed: "~"
                case .removed: "-"
                }
            return "\(sign) \(change.path)" + (change.hiddenByteCount > 0 ? " \(change.hiddenByteCount)" : "")
        }
    }

    /// Counted by hand: 100 (etc/a) + 200 (etc/b) + 50 + 60 (var) + 8 (opq) are hidden of 1 018 bytes.
    @Test func `what layers add, change and remove is told, and what they waste`() async throws {
        let house = try House()
        try await house.push(
            layers: [
                try tar(files: [
                    ("etc/", 0), ("etc/a", 100), ("etc/b", 200), ("var/", 0), ("var/x", 50), ("var/sub/y", 60),
                    ("opq/", 0), ("opq/old", 8), ("keep", 300),
                ]),
                try tar(files: [
                    ("etc/", 0), ("etc/a", 150), ("etc/.wh.b", 0), (".wh.var", 0), ("opq/.wh..wh..opq", 0),
                    ("opq/new", 50), (".wh..wh.plnk", 0), ("new", 100),
                ]),
            ],
            tag: "one"
        )
        let contents = try await house.contents(try await house.image("one"))
        #expect(
            changes(contents.layers[0]) == [
                "+ etc", "+ etc/a", "+ etc/b", "+ keep", "+ opq", "+ opq/old", "+ var", "+ var/sub/y", "+ var/x",
            ]
        )
        #expect(
            changes(contents.layers[1]) == [
                "~ etc/a 100", "- etc/b 200", "+ new", "- opq/* 8", "+ opq/new", "- var 110",
            ]
        )
        #expect(contents.files.map(\.path.description) == ["etc", "etc/a", "keep", "new", "opq", "opq/new"])
        #expect(contents.files.map(\.layer) == [1, 1, 0, 1, 0, 1])
        #expect(contents.fileByteCount == 1018)
        #expect(contents.wastedByteCount == 418)
        #expect(abs(contents.efficiency - (1 - 418.0 / 1018)) < 1e-9)
        #expect(
            contents.waste.map { "\($0.path) \($0.byteCount)" } == [
                "etc/b 200", "etc/a 100", "var/sub/y 60", "var/x 50", "opq/old 8",
            ]
        )
        #expect(contents.layers[1].history?.createdBy == "layer 1")
        #expect(contents.layers[1].hiddenByteCount == 418)
    }

    @Test func `a file in place of a folder hides all in it, and a folder in place of a file hides that`() async throws
    {
        let house = try House()
        try await house.push(
            layers: [
                try tar(files: [("a/", 0), ("a/x", 10), ("a/y", 20), ("b", 30)]),
                try tar(files: [("a", 1), ("b/", 0), ("b/z", 2)]),
            ],
            tag: "one"
        )
        let contents = try await house.contents(try await house.image("one"))
        #expect(changes(contents.layers[1]) == ["~ a 30", "~ b 30", "+ b/z"])
        #expect(contents.files.map(\.path.description) == ["a", "b", "b/z"])
        #expect(contents.wastedByteCount == 60)
    }

    @Test func `a whiteout of the same layer hides nothing of that layer, wherever it stands`() async throws {
        let house = try House()
        try await house.push(
            layers: [
                try tar(files: [("d/", 0), ("d/old", 5)]),
                try tar(files: [("d/new", 7), ("d/.wh..wh..opq", 0), ("d/.wh.new", 0)]),
            ],
            tag: "one"
        )
        let contents = try await house.contents(try await house.image("one"))
        #expect(contents.files.map(\.path.description) == ["d", "d/new"])
        #expect(contents.wastedByteCount == 5)
    }

    @Test func `names that look alike are two files, and absolute names mean the root`() async throws {
        let house = try House()
        try await house.push(
            layers: [try tar(files: [("caf\u{e9}", 1), ("cafe\u{301}", 2), ("/abs", 3), ("./dot", 4)])],
            tag: "one"
        )
        let contents = try await house.contents(try await house.image("one"))
        #expect(contents.files.map(\.facts.size) == [3, 2, 1, 4])
        #expect(contents.wastedByteCount == 0)
    }

    @Test func `links, owners, modes and contents are told`() async throws {
        let house = try House()
        var file = TarEntry(path: "f", mode: 0o4755)
        (file.userID, file.groupID) = (1000, 3_000_000)
        let entries: [(TarEntry, [UInt8])] = [
            (file, Array("hello".utf8)),
            (TarEntry(path: "s", kind: .symbolicLink, mode: 0o777, target: "../f"), []),
            (TarEntry(path: "h", kind: .hardLink, target: "f"), []),
        ]
        try await house.push(layers: [try tar(entries)], tag: "one")
        let files = try await house.contents(try await house.image("one"), hashesFiles: true).files
        let digest = ContentHash.digest(of: Array("hello".utf8))
        #expect(
            files.map(\.facts) == [
                FileFacts(kind: .file, mode: 0o4755, owner: 1000, group: 3_000_000, size: 5, digest: digest),
                FileFacts(kind: .hardLink, mode: 0o644, linkTarget: EntryName("f")),
                FileFacts(kind: .symbolicLink, mode: 0o777, linkTarget: EntryName("../f")),
            ]
        )
    }

    // MARK: - Layers that lie

    @Test(arguments: ["../out", "a/../../out", "a/..", "..\u{2f}x"])
    func `a layer with a name that leads out is refused`(name: String) async throws {
        let house = try House()
        try await house.push(layers: [try tar(files: [(name, 1)])], tag: "one")
        let image = try await house.image("one")
        await #expect(throws: ImagingError(.layerInvalid, "")) { try await house.contents(image) }
    }

    @Test func `a layer that is cut short or is no archive is refused`() async throws {
        let house = try House()
        let whole = try tar(files: [("a", 5000)])
        try await house.push(layers: [Array(whole.prefix(2000))], tag: "cut")
        try await house.push(layers: [SampleBlob(count: 4096, seed: 1).bytes], tag: "noise")
        for name in ["cut", "noise"] {
            let image = try await house.image(name)
            await #expect(throws: ImagingError(.layerInvalid, "")) { try await house.contents(image) }
        }
    }

    @Test func `a layer that unpacks to a thousand times its size is refused at the limit of the caller`() async throws
    {
        let house = try House()
        try await house.push(layers: [try tar(files: [("zeros", 8 << 20)], fill: 0)], tag: "bomb")
        let image = try await house.image("bomb")
        #expect(image.layers[0].size < 16 << 10)
        var limits = ContentLimits()
        #expect(try await house.contents(image, limits: limits).fileByteCount == 8 << 20)
        limits.ratioFreeByteCount = 1 << 20
        await #expect(throws: ImagingError(.limitExceeded, "")) { try await house.contents(image, limits: limits) }
        limits = ContentLimits()
        limits.unpackedByteCountMax = 4 << 20
        await #expect(throws: ImagingError(.limitExceeded, "")) { try await house.contents(image, limits: limits) }
    }

    @Test func `more files than the caller allows are refused, folders that nobody names among them`() async throws {
        let house = try House()
        let deep = (0..<200).map { _ in "d" }.joined(separator: "/")
        try await house.push(layers: [try tar(files: (0..<50).map { ("f\($0)", 0) })], tag: "many")
        try await house.push(layers: [try tar(files: [(deep, 0)])], tag: "deep")
        var limits = ContentLimits()
        limits.entryCountMax = 49
        for name in ["many", "deep"] {
            let image = try await house.image(name)
            await #expect(throws: ImagingError(.limitExceeded, "")) { try await house.contents(image, limits: limits) }
        }
        limits = ContentLimits()
        limits.pathByteCountMax = 100
        let image = try await house.image("many")
        await #expect(throws: ImagingError(.limitExceeded, "")) { try await house.contents(image, limits: limits) }
    }

    @Test func `a layer that is another than the config says is refused`() async throws {
        let house = try House()
        try await house.push(layers: [try tar(files: [("a", 1)])], tag: "one") { config in
            config.replaceLayers(diffIDs: [ContentHash.digest(of: [1])], history: [])
        }
        let image = try await house.image("one")
        await #expect(throws: ImagingError(.contentMismatch, "")) { try await house.contents(image) }
    }

    @Test func `a layer whose terms forbid that it is handed on may be absent`() async throws {
        let house = try House()
        let own = try await house.push(layers: [try tar(files: [("a", 1)])], tag: "own")
        let image = try await house.image("own")
        let foreign = Descriptor(
            mediaType: MediaType("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"),
            digest: ContentHash.digest(of: [7]),
            size: 1
        )
        let config = try demanded(image.manifest.manifest.config)
        try await house.push(ManifestText.image(config: config, layers: [foreign] + image.layers), tag: "foreign")
        let mixed = try await house.image("foreign")
        // The config names one layer, and so it is compared with the absent one.
        #expect(try await house.contents(mixed).files.map(\.path.description) == ["a"])
        #expect(own.digest != mixed.manifest.digest)
    }

    @Test func `a layer that many images share is fetched once`() async throws {
        let house = try House()
        let base = try tar(files: [("base", 10)])
        try await house.push(layers: [base, try tar(files: [("a", 1)])], tag: "a")
        try await house.push(layers: [base, try tar(files: [("b", 1)]), base], tag: "b")
        let reader = ContentReader()
        let counter = LayerCounter()
        for name in ["a", "b"] {
            _ = try await reader.contents(of: try await house.image(name), in: house.place, observer: counter)
        }
        #expect(counter.count == 3)
    }
}
