import Documents
import OCI
import Testing

@testable import Imaging

@Suite struct ImageDifferenceTests {
    private func difference(_ house: House, hashesFiles: Bool = false) async throws -> ImageDifference {
        let (left, right) = (try await house.image("left"), try await house.image("right"))
        let reader = ContentReader(hashesFiles: hashesFiles)
        let files = (
            left: try await reader.contents(of: left, in: house.place).files,
            right: try await reader.contents(of: right, in: house.place).files
        )
        return ImageDifference(left, right, files: files)
    }

    @Test func `an image and itself differ in nothing`() async throws {
        let house = try House()
        for name in ["left", "right"] { try await house.push(layers: [try tar(files: [("a", 1)])], tag: name) }
        let difference = try await difference(house)
        #expect(difference.isEmpty && difference.commonLayers.count == 1)
    }

    @Test func `fields are told one by one, variables and labels by name`() async throws {
        let house = try House()
        let layer = try tar(files: [("a", 1)])
        try await house.push(layers: [layer], tag: "left") { config in
            config.environment = ["PATH=/bin", "A=1", "GONE=x"]
            config.labels = [NamedText("v", "1")]
            config.command = ["sh"]
        }
        try await house.push(layers: [layer], tag: "right") { config in
            config.environment = ["A=2", "PATH=/bin"]
            config.labels = [NamedText("v", "1"), NamedText("w", "2")]
            config.command = ["sh", "-c"]
        }
        let fields = try await difference(house).fields.map { field in
            let sides = [field.left, field.right].map { $0.map { String(decoding: $0.json(), as: UTF8.self) } ?? "-" }
            return ([field.path.joined(separator: ".")] + sides).joined(separator: " ")
        }
        #expect(
            fields == [
                #"config.Env.A "1" "2""#, #"config.Env.GONE "x" -"#, #"config.Labels.w - "2""#,
                #"config.Cmd ["sh"] ["sh","-c"]"#,
            ]
        )
    }

    @Test func `layers above the common ones are told, and files that differ`() async throws {
        let house = try House()
        let base = try tar(files: [("base", 1), ("same", 2), ("gone", 3)])
        try await house.push(layers: [base, try tar(files: [("size", 1), ("bytes", 4)], fill: 1)], tag: "left")
        try await house.push(
            layers: [base, try tar(files: [("size", 2), ("bytes", 4), (".wh.gone", 0), ("new", 0)], fill: 2)],
            tag: "right"
        )
        let plain = try await difference(house)
        #expect(plain.commonLayers.count == 1 && plain.leftLayers.count == 1 && plain.rightLayers.count == 1)
        #expect((plain.files ?? []).map { "\($0.kind) \($0.path)" } == ["removed gone", "added new", "changed size"])
        let hashed = try await difference(house, hashesFiles: true)
        #expect(
            (hashed.files ?? []).map { "\($0.kind) \($0.path)" } == [
                "changed bytes", "removed gone", "added new", "changed size",
            ]
        )
    }

    @Test func `a layer that was only compressed otherwise is the same`() async throws {
        let house = try House()
        let layer = try tar(files: [("a", 1)])
        try await house.push(layers: [layer], tag: "left")
        let image = try await house.image("left")
        let config = try demanded(image.manifest.manifest.config)
        let plain = try await house.push(layer, "application/vnd.oci.image.layer.v1.tar")
        try await house.push(ManifestText.image(config: config, layers: [plain]), tag: "right")
        let difference = try await difference(house)
        #expect(difference.isEmpty && difference.commonLayers.count == 1)
    }
}
