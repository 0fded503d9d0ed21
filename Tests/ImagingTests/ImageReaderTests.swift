import NIOCore
import OCI
import RegistryContract
import Testing

@testable import Imaging

@Suite struct ImageReaderTests {
    /// An index of images for platforms, each with one layer of its own.
    private func index(_ platforms: [String], in house: House, tag: String, declares: Bool = true) async throws {
        var children: [Descriptor] = []
        for platform in platforms {
            var child = try await house.push(layers: [try tar(files: [(platform, 1)])], platform: platform)
            if !declares { child.platform = nil }
            children.append(child)
        }
        try await house.push(ManifestText.index(children: children), tag: tag)
    }

    @Test func `an image is read with its config, and each step with its layer`() async throws {
        let house = try House()
        try await house.push(layers: [try tar(files: [("a", 1)]), try tar(files: [("b", 2)])], tag: "one") { config in
            config.append(HistoryStep(createdBy: "CMD", isEmptyLayer: true))
        }
        let image = try await house.image("one")
        #expect(image.root == image.manifest)
        #expect(image.platform == Platform("linux/amd64"))
        #expect(image.steps.map(\.history?.createdBy) == ["layer 0", "layer 1", "CMD"])
        #expect(image.steps.map(\.layer) == [image.layers[0], image.layers[1], nil])
        #expect(image.steps.map(\.diffID) == [image.config.diffIDs[0], image.config.diffIDs[1], nil])
    }

    @Test(arguments: [
        ("linux/arm64", "linux/arm64"), ("linux/arm/v7", "linux/arm/v6"), ("linux/arm64/v8", "linux/arm64"),
    ])
    func `of an index the image that fits best is chosen`(wanted: String, chosen: String) async throws {
        for declares in [true, false] {
            let house = try House()
            let platforms = ["linux/amd64", "linux/arm/v5", "linux/arm/v6", "linux/arm64", "windows/amd64"]
            try await index(platforms, in: house, tag: "many", declares: declares)
            let image = try await house.image("many", platform: wanted)
            #expect(image.config.platform == Platform(chosen))
            #expect(image.root.manifest.kind == .index)
        }
    }

    @Test func `a platform that is not there is refused with a list of those that are`() async throws {
        let house = try House()
        try await index(["linux/amd64", "linux/arm64"], in: house, tag: "many")
        let error = await #expect(throws: ImagingError(.platformUnknown, "")) {
            try await house.image("many", platform: "linux/s390x")
        }
        #expect(error?.message.contains("there is: linux/amd64, linux/arm64.") == true)
    }

    @Test func `an attestation is no image, and an artifact neither`() async throws {
        let house = try House()
        let child = try await house.push(layers: [try tar(files: [("a", 1)])])
        var attestation = try await house.push(
            ManifestText.image(
                config: try await house.push(Array("{}".utf8), "application/vnd.oci.empty.v1+json"),
                layers: []
            ),
            tag: "artifact"
        )
        attestation.platform = Platform(architecture: "unknown", os: "unknown")
        attestation.annotations = ["vnd.docker.reference.type": "attestation-manifest"]
        try await house.push(ManifestText.index(children: [attestation, child]), tag: "many")
        #expect(try await house.image("many").manifest.digest == child.digest)
        #expect(try await house.reader.images(try tag("many")).count == 1)
        await #expect(throws: ImagingError(.notAnImage, "")) { try await house.image("artifact") }
    }

    @Test func `indexes that lie in each other without end are refused`() async throws {
        let house = try House()
        var child = try await house.push(layers: [try tar(files: [("a", 1)])])
        child.platform = nil
        for depth in 0..<6 { child = try await house.push(ManifestText.index(children: [child]), tag: "deep\(depth)") }
        #expect(try await house.image("deep3").platform == Platform("linux/amd64"))
        await #expect(throws: ImagingError(.documentInvalid, "")) { try await house.image("deep5") }
    }

    @Test func `a config that is not what its digest says is refused`() async throws {
        let house = try House()
        let image = try await house.push(layers: [try tar(files: [("a", 1)])], tag: "one")
        let config = try await house.image("one").manifest.manifest.config
        var lying = try demanded(config)
        lying.size += 1
        let text = ManifestText.image(config: lying, layers: [])
        try await house.push(text, tag: "lying")
        await #expect(throws: ImagingError(.contentMismatch, "")) { try await house.image("lying") }
        #expect(image.digest != text.descriptor().digest)
    }

    @Test func `a config that is too large is not read`() async throws {
        let house = try House()
        var config = try await house.push(Array("{}".utf8), MediaType.imageConfig.description)
        config.size = Int64(ImageConfig.byteCountMax) + 1
        try await house.push(ManifestText.image(config: config, layers: []), tag: "large")
        await #expect(throws: ImagingError(.limitExceeded, "")) { try await house.image("large") }
    }
}
