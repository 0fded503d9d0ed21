import NIOCore
import OCI
import RegistryContract
import RegistryTesting
import Testing

@testable import Transfer

@Suite("A copy of an index")
struct IndexTests {
    private let source = HookedRegistry(MemoryRegistry())
    private let target = HookedRegistry(MemoryRegistry())
    private let index = Samples.Indexed(["linux/amd64", "linux/arm/v7", "linux/arm64/v8", "windows/amd64"])

    private func copy(
        _ platforms: TransferOptions.Platforms,
        _ name: String = "1.0",
        force: Bool = false
    ) async throws -> TransferReport {
        var options = TransferOptions()
        options.platforms = platforms
        options.force = force
        return try await Samples.transfer(from: source, to: target, options: options)
            .copy(Samples.reference(name), tags: [Samples.tag(name)])
    }

    private func platform(_ text: String) throws -> Platform { try #require(Platform(text)) }

    @Test func `brings all children before it`() async throws {
        try await index.push(to: source, Samples.app, tags: "1.0")
        let report = try await copy(.all)
        try await index.demandWhole(target, as: "1.0", in: Samples.copy)
        #expect(target.calls.filter { $0.name == "putManifest" }.map(\.subject) == ["", "", "", "", "1.0"])
        // One layer is shared by all four.
        #expect(report.copied.count == 1 + 4 + 4 && report.pushed.count == 5)
    }

    @Test func `brings the missing children of an index that another tag points to`() async throws {
        try await index.push(to: source, Samples.app, tags: "1.0", "2.0")
        _ = try await copy(.sparse([platform("linux/amd64")]))
        let report = try await copy(.all, "2.0")
        try await index.demandWhole(target, as: "2.0", in: Samples.copy)
        #expect(report.manifestsThere.count == 2)
    }

    @Test func `takes an index for whole that the tag points to, unless it is forced`() async throws {
        try await index.push(to: source, Samples.app, tags: "1.0")
        _ = try await copy(.sparse([platform("linux/amd64")]))
        let arm = try #require(index.children.first { $0.platform == "linux/arm64/v8" }?.image)
        #expect(try await copy(.all).isUnchanged)
        await #expect(throws: RegistryError(.manifestUnknown, "")) {
            try await target.manifest(.digest(arm.manifest.name), in: Samples.copy)
        }
        _ = try await copy(.all, force: true)
        try await index.demandWhole(target, as: "1.0", in: Samples.copy)
    }

    @Test(arguments: [("linux/amd64", 0), ("linux/arm64", 2), ("linux/arm/v7", 1), ("linux/arm/v8", 1)])
    func `for one platform brings that child alone`(text: String, number: Int) async throws {
        try await index.push(to: source, Samples.app, tags: "1.0")
        let report = try await copy(.only([platform(text)]))
        let child = index.children[number].image
        try await child.demandWhole(target, as: "1.0", in: Samples.copy)
        #expect(report.pushed.count == 1 && report.root.digest.description == child.manifest.digest)
        source.forget()
        target.forget()
        #expect(try await copy(.only([platform(text)])).isUnchanged)
        #expect(source.callNames == ["manifest"])
        #expect(target.callNames == ["descriptor"])
    }

    @Test func `for several platforms makes an index of them, always the same`() async throws {
        let image = Samples.Layered([SampleBlob(count: 10, seed: 77)], name: "attestation")
        let amd = index.children[0].image.manifest.digest
        let attestation = image.manifest.descriptor(
            extra: #","annotations":{"vnd.docker.reference.digest":"\#(amd)"},"#
                + #""platform":{"architecture":"unknown","os":"unknown"}"#
        )
        let rich = Samples.Indexed(
            ["linux/amd64", "linux/arm64", "windows/amd64"],
            more: [attestation],
            extra: #", "annotations": {"a b": "c , ] \" } d"},"x-unknown" : [ 1, {"manifests":[2]} ]"#
        )
        try await image.push(to: source, Samples.app)
        try await rich.push(to: source, Samples.app, tags: "1.0")
        let report = try await copy(.only([platform("linux/arm64"), platform("linux/amd64")]))
        let stored = try await target.manifest(Samples.reference("1.0"), in: Samples.copy)
        let parts = rich.children.map { $0.image.manifest }
        let expected =
            #"{"schemaVersion":2,"mediaType":"\#(MediaType.imageIndex)","manifests":["#
            + parts[0].descriptor(extra: #","platform":{"os":"linux","architecture":"amd64"}"#) + ","
            + parts[1].descriptor(extra: #","platform":{"os":"linux","architecture":"arm64"}"#) + "," + attestation
            + #"],"annotations":{"a b":"c , ] \" } d"},"x-unknown":[1,{"manifests":[2]}]}"#
        #expect(String(buffer: stored.bytes) == expected)
        #expect(report.root.digest == stored.digest)
        for child in [rich.children[0].image, rich.children[1].image, image] {
            try await child.demandWhole(target, as: child.manifest.digest, in: Samples.copy)
        }
        await #expect(throws: RegistryError(.manifestUnknown, "")) {
            try await target.manifest(.digest(parts[2].name), in: Samples.copy)
        }
        #expect(try await copy(.only([platform("linux/amd64"), platform("linux/arm64")])).isUnchanged)
    }

    @Test func `can be sparse: as it is, with some of its children`() async throws {
        try await index.push(to: source, Samples.app, tags: "1.0")
        let report = try await copy(.sparse([platform("linux/amd64")]))
        try await target.demandWhole(index.manifest, as: "1.0", in: Samples.copy)
        try await index.children[0].image.demandWhole(
            target,
            as: index.children[0].image.manifest.digest,
            in: Samples.copy
        )
        #expect(report.pushed.count == 2 && report.copied.count == 3)
    }

    @Test func `says which platforms there are when none fits`() async throws {
        try await index.push(to: source, Samples.app, tags: "1.0")
        let error = try await #require(throws: TransferError.self) {
            _ = try await copy(.only([platform("linux/s390x")]))
        }
        #expect(
            error.description.hasSuffix(
                "there is no image for linux/s390x in the index: "
                    + "it has linux/amd64, linux/arm/v7, linux/arm64/v8, windows/amd64"
            )
        )
        #expect(target.callNames.allSatisfy { $0 == "descriptor" })
    }

    @Test func `takes an image that is no index as it is`() async throws {
        let image = index.children[0].image
        try await image.push(to: source, Samples.app, tags: "1.0")
        _ = try await copy(.only([platform("linux/arm64")]))
        try await image.demandWhole(target, as: "1.0", in: Samples.copy)
    }

    @Test func `may name blobs, as the caches of build tools do`() async throws {
        let blob = SampleBlob(count: 400, seed: 5)
        let cache = Samples.Indexed(
            ["linux/amd64"],
            more: [blob.descriptor("application/vnd.oci.image.layer.v1.tar+gzip")]
        )
        try await source.push(blob, to: Samples.app)
        try await cache.push(to: source, Samples.app, tags: "1.0")
        _ = try await copy(.all)
        try await cache.demandWhole(target, as: "1.0", in: Samples.copy)
        try await target.demandWhole(blob, in: Samples.copy)
    }

    @Test func `may lie in another index, but not endlessly`() async throws {
        var inner = index.manifest
        try await index.push(to: source, Samples.app)
        for depth in 1...12 {
            inner = .index(of: [inner.descriptor()])
            try await source.push(inner, to: Samples.app, tags: "depth\(depth)")
        }
        _ = try await copy(.all, "depth7")
        let error = try await #require(throws: TransferError.self) { _ = try await copy(.all, "depth12") }
        #expect(error.description.hasSuffix("indexes lie in each other more than 8 deep"))
        await #expect(throws: RegistryError(.manifestUnknown, "")) {
            try await target.manifest(Samples.reference("depth12"), in: Samples.copy)
        }
    }

    @Test func `keeps everything but the children that are taken out`() throws {
        let text =
            #" { "a" : "[ , ]\\", "manifests" : [ {"n": [1, {"x": "]"}]} , {"n":2}, "s, ]" ] , "#
            + #""b": {"manifests":[1,2]} } "#
        let packed = #"{"a":"[ , ]\\","manifests":[{"n":[1,{"x":"]"}]},"s, ]"],"b":{"manifests":[1,2]}}"#
        #expect(String(decoding: IndexText(Array(text.utf8)).keeping([0, 2]), as: UTF8.self) == packed)
        #expect(
            String(decoding: IndexText(Array(text.utf8)).keeping([]), as: UTF8.self)
                == #"{"a":"[ , ]\\","manifests":[],"b":{"manifests":[1,2]}}"#
        )
    }
}
