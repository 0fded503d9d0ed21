import Foundation
import NIOCore
import OCI
import RegistryContract
import RegistryTesting
import Testing

@testable import ImageLayout

@Suite struct LayoutFolderTests {
    private let folder: TemporaryFolder
    private var path: String { "\(folder.path)/images" }
    private var layout: LayoutRegistry { LayoutRegistry(path: path) }

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test func `a new layout has what the specification wants, and nothing else`() async throws {
        let image = try RealImage(seed: 1)
        try await image.push(to: layout, tags: "1")
        let blobs = (image.blobs.map(\.digest) + [image.manifest.digest]).map {
            "blobs/" + $0.replacing(":", with: "/")
        }
        #expect(try listing(path) == (["blobs/", "blobs/sha256/", "index.json", "oci-layout"] + blobs).sorted())
        #expect(try String(contentsOfFile: "\(path)/oci-layout", encoding: .utf8) == #"{"imageLayoutVersion":"1.0.0"}"#)
        let size = image.manifest.bytes.count
        let expected =
            #"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":["#
            + #"{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"#
            + #""\#(image.manifest.digest)","size":\#(size),"#
            + #""annotations":{"org.opencontainers.image.ref.name":"1"}}]}"#
        #expect(try String(contentsOfFile: "\(path)/index.json", encoding: .utf8) == expected)
        try await image.demandWhole(in: layout, as: "1")
        try await image.demandWhole(in: layout, as: image.manifest.digest)
    }

    @Test(arguments: [
        ("1.25", "1.25"), ("docker.io/library/nginx:1.25", "1.25"), ("seed/image:1", "1"),
        ("localhost:5000/a/b", "latest"),
        ("no tag at all", nil), ("", nil),
    ])
    func `names of all kinds stand for tags`(name: String, tag: String?) throws {
        let digest = try SampleBlob("x").name
        let entry = LayoutEntry(descriptor: Descriptor(mediaType: nil, digest: digest, size: 1), name: name)
        #expect(entry.tag?.description == tag)
    }

    @Test func `what others wrote into the index stays there when a tag is added`() async throws {
        let image = try RealImage(seed: 1)
        try await image.push(to: layout, tags: "mine")
        let own = try String(contentsOfFile: "\(path)/index.json", encoding: .utf8)
        let foreign =
            #"{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"#
            + #""\#(SampleBlob("x").digest)","size":1,"#
            + #""platform":{"architecture":"arm","os":"linux","os.features":["a"]},"annotations":"#
            + #"{"org.opencontainers.image.ref.name":"docker.io/library/other:2","vendor":"ü\n"},"data":"eA=="}"#
        let changed = own.dropLast(2) + "," + foreign + #"],"annotations":{"note":"kept"}}"#
        try String(changed).write(to: "\(path)/index.json")
        try await image.push(to: layout, tags: "3")
        let now = try String(contentsOfFile: "\(path)/index.json", encoding: .utf8)
        #expect(now.contains(foreign.replacing(#"ü\n"#, with: #"ü\u000a"#)))
        #expect(now.contains(#""annotations":{"note":"kept"}"#))
        #expect(try await layout.allTags(in: anywhere) == ["2", "3", "mine"])
    }

    @Test func `a layout that is written by many at once loses no tag`() async throws {
        let image = try RealImage(seed: 1)
        try await image.push(to: layout, tags: "first")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                // Each with a registry of its own, as programs have.
                let other = LayoutRegistry(path: path)
                group.addTask { try await image.push(to: other, tags: "t\(number)") }
            }
            try await group.waitForAll()
        }
        #expect(try await layout.allTags(in: anywhere) == (["first"] + (0..<40).map { "t\($0)" }).sorted())
        #expect(try listing(path).allSatisfy { !$0.contains("ingest") && !$0.hasSuffix(".new") })
    }

    @Test func `children are listed until their index comes, and a moved tag leaves no line behind`() async throws {
        let (first, second) = (try RealImage(seed: 1), try RealImage(seed: 2))
        let layout = layout
        for image in [first, second] { try await image.push(to: layout) }
        #expect(
            try await layout.entries().map(\.descriptor.digest.description) == [first, second].map(\.manifest.digest)
        )
        let index = SampleManifest.index(of: [first, second].map { $0.manifest.descriptor() })
        try await layout.push(index, to: anywhere, tags: "multi")
        #expect(try await layout.entries().map(\.name) == ["multi"])
        try await first.push(to: layout, tags: "multi")
        #expect(try await layout.entries().map(\.descriptor.digest.description) == [first.manifest.digest])
        try await layout.demandWhole(index, as: index.digest, in: anywhere)
    }

    @Test func `a referrer stays listed without a name, whatever comes and goes`() async throws {
        let image = try RealImage(seed: 1)
        let layout = layout
        try await image.push(to: layout, tags: "1")
        try await layout.push(SampleBlob.emptyJSON, to: anywhere)
        let referrer = SampleManifest.referrer(to: image.manifest.descriptor(), artifactType: "a/b")
        try await layout.push(referrer, to: anywhere, tags: "signature")
        try await layout.deleteTag(Tag("signature"), in: anywhere)
        let found = try await layout.referrers(
            to: image.manifest.name,
            artifactType: "a/b",
            in: anywhere,
            after: nil,
            limit: 10
        )
        #expect(found.elements.map(\.digest.description) == [referrer.digest])
        #expect(try await layout.entries().map(\.name) == ["1", nil])
        #expect(try await layout.soleReference() == .tag(Tag("1")))
    }

    @Test func `the only image is known without its tag, and several are named`() async throws {
        let layout = layout
        let (first, second) = (try RealImage(seed: 1), try RealImage(seed: 2))
        try await first.push(to: layout)
        #expect(try await layout.soleReference() == .digest(first.manifest.name))
        try await first.push(to: layout, tags: "a", "b")
        #expect(try await layout.soleReference() == .tag(Tag("a")))
        try await second.push(to: layout, tags: "c")
        let problem = await expectRefusal(.manifestUnknown, saying: "a, b, c") { _ = try await layout.soleReference() }
        #expect(problem == nil)
    }

    @Test func `a body that has not its digest leaves nothing, and neither does one that breaks`() async throws {
        var layout: LayoutRegistry? = layout
        let blob = SampleBlob(count: 100_000, seed: 3)
        let broken = ScriptedBody([.bytes(Array(blob.bytes.prefix(50_000))), .fail])
        let id = try #require(try await layout?.startUpload(in: anywhere, algorithm: .sha256).id)
        await #expect(throws: ScriptedBody.Broken.self) {
            _ = try await layout?.finishUpload(id, appending: broken, at: 0, expecting: blob.name, in: anywhere)
        }
        let other = try #require(try await layout?.startUpload(in: anywhere, algorithm: .sha256).id)
        await #expect(throws: RegistryError(.digestMismatch, "")) {
            _ = try await layout?.finishUpload(
                other,
                appending: blob.body(),
                at: 0,
                expecting: SampleBlob("x").name,
                in: anywhere
            )
        }
        #expect(try listing(path).filter { $0.hasPrefix("ingest/wharf-") }.count == 1)
        layout = nil
        // The thread that did the last work may hold it for a moment longer.
        let end = ContinuousClock.now + .seconds(10)
        while try listing(path).contains(where: { $0.contains("wharf-") }), ContinuousClock.now < end {
            await Task.yield()
        }
        #expect(try listing(path).filter { !$0.hasSuffix("/") } == [])
    }

    @Test func `what a killed program has left is removed by the next, and what a living one has is not`() async throws
    {
        let living = layout
        let id = try await living.startUpload(in: anywhere, algorithm: .sha256).id
        try "half".write(to: "\(path)/ingest/wharf-dead")
        let image = try RealImage(seed: 1)
        try await image.push(to: layout, tags: "1")
        #expect(try listing(path).filter { $0.hasPrefix("ingest/") } == ["ingest/", "ingest/wharf-\(id)"])
        let blob = SampleBlob("late")
        _ = try await living.finishUpload(id, appending: blob.body(), at: 0, expecting: blob.name, in: anywhere)
        try await layout.demandWhole(blob, in: anywhere)
        #expect(try listing(path).allSatisfy { !$0.hasPrefix("ingest") })
    }

    @Test func `collecting removes what nothing names, and only that`() async throws {
        let layout = layout
        let (first, second) = (try RealImage(seed: 1), try RealImage(seed: 2))
        try await first.push(to: layout, tags: "1")
        try await second.push(to: layout, tags: "2")
        try await layout.deleteTag(Tag("2"), in: anywhere)
        let bytes = second.blobs.reduce(Int64(second.manifest.bytes.count)) { $0 + Int64($1.bytes.count) }
        let expected = LayoutCollection(count: 4, byteCount: bytes)
        #expect(try await layout.collect(isDryRun: true) == expected)
        try await second.demandWhole(in: layout, as: second.manifest.digest)
        #expect(try await layout.collect() == expected)
        #expect(try await layout.collect() == LayoutCollection(count: 0, byteCount: 0))
        try await first.demandWhole(in: layout, as: "1")
    }

    @Test func `nothing is collected while another writes`() async throws {
        let (writer, collector) = (layout, layout)
        try await RealImage(seed: 1).push(to: writer, tags: "1")
        await #expect(throws: RegistryError(.unavailable, "")) { _ = try await collector.collect() }
        try await writer.demandWhole(RealImage(seed: 1).manifest, as: "1", in: anywhere)
    }

    @Test func `nothing is collected when a manifest cannot be read`() async throws {
        let image = try RealImage(seed: 1)
        let layout = layout
        try await image.push(to: layout, tags: "1")
        let file = "\(path)/blobs/" + image.manifest.digest.replacing(":", with: "/")
        try (image.manifest.bytes + [UInt8(ascii: " ")]).write(to: file)
        await #expect(throws: RegistryError(.digestMismatch, "")) { _ = try await layout.collect() }
    }

    @Test(.enabled(if: MountedFolder.isPossible, "no file system can be mounted here"))
    func `a full disk is said to be full, and leaves no half file under a digest`() async throws {
        let disk = try MountedFolder(byteCount: 1 << 20)
        let layout = LayoutRegistry(path: "\(disk.path)/images")
        try await RealImage(seed: 1).push(to: layout, tags: "1")
        let blob = SampleBlob(count: 3 << 20, seed: 1)
        let problem = await expectRefusal(.storageFull, saying: "no room left") {
            try await layout.push(blob, to: anywhere)
        }
        #expect(problem == nil)
        #expect(
            try !listing(disk.path).contains { $0.contains(String(try blob.name.encoded)) || $0.contains("ingest/w") }
        )
        try await RealImage(seed: 1).demandWhole(in: layout, as: "1")
    }
}
