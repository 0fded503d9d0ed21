import Hashing
import OCI
import RegistryContract
import RegistryTesting
import Testing
import Transfer

@testable import Imaging

@Suite struct ImageEditorTests {
    private func labelled(_ value: String) -> ImageChange {
        var change = ImageChange()
        change.config.labels = TextChanges(assigned: [NamedText("team", value)])
        return change
    }

    @Test(arguments: [false, true])
    func `a changed image keeps its layers and its kind`(isDocker: Bool) async throws {
        let house = try House()
        try await house.push(layers: [try tar(files: [("a", 1)])], tag: "old", isDocker: isDocker)
        let old = try await house.image("old")
        let draft = try await house.editor.changed(try tag("old"), by: labelled("ci"))
        let new = try await house.push(draft, tag: "new")
        #expect(new.config.labels == [NamedText("team", "ci")])
        #expect(new.layers == old.layers)
        #expect(new.config.diffIDs == old.config.diffIDs && new.config.history == old.config.history)
        #expect(new.manifest.manifest.mediaType == old.manifest.manifest.mediaType)
        #expect(new.manifest.manifest.config?.mediaType == old.manifest.manifest.config?.mediaType)
        #expect(draft.newBlobs.count == 1)
    }

    @Test func `a change that changes nothing gives the very image`() async throws {
        let house = try House()
        let old = try await house.push(layers: [try tar(files: [("a", 1)])], tag: "old")
        #expect(try await house.editor.changed(try tag("old"), by: ImageChange()).root.digest == old.digest)
        #expect(try await house.editor.annotated(try tag("old"), by: TextChanges()).root.digest == old.digest)
    }

    @Test func `of an index each image is changed, and what was attested of them is left out`() async throws {
        let house = try House()
        var children: [Descriptor] = []
        for platform in ["linux/amd64", "linux/arm64"] {
            var child = try await house.push(layers: [try tar(files: [(platform, 1)])], platform: platform)
            child.annotations = ["note": "kept"]
            children.append(child)
        }
        var attestations: [Descriptor] = []
        for child in children {
            var attestation = try await house.push(
                ManifestText.image(
                    config: try await house.push(Array("{}".utf8), MediaType.emptyJSON.description),
                    layers: [],
                    annotations: ["of": child.digest.description]
                )
            )
            attestation.annotations = [
                "vnd.docker.reference.type": "attestation-manifest",
                "vnd.docker.reference.digest": child.digest.description,
            ]
            attestations.append(attestation)
        }
        try await house.push(ManifestText.index(children: children + attestations), tag: "old")
        let all = try await house.push(try await house.editor.changed(try tag("old"), by: labelled("ci")), tag: "all")
        #expect(all.root.manifest.manifests.count == 2)
        #expect(all.root.manifest.manifests.allSatisfy { $0.annotations == ["note": "kept"] && $0.platform != nil })
        for image in try await house.reader.images(try tag("all")) {
            #expect(image.config.labels == [NamedText("team", "ci")])
        }
        let arm = try demanded(Platform("linux/arm64"))
        let draft = try await house.editor.changed(try tag("old"), by: labelled("ci"), platforms: [arm])
        let one = try await house.push(draft, tag: "one")
        #expect(one.root.manifest.manifests.count == 3)
        #expect(one.root.manifest.manifests[0].digest == children[0].digest)
        #expect(one.root.manifest.manifests[1].digest != children[1].digest)
        await #expect(throws: ImagingError(.platformUnknown, "")) {
            try await house.editor.changed(
                try tag("old"),
                by: labelled("ci"),
                platforms: [Platform(architecture: "s390x", os: "linux")]
            )
        }
    }

    @Test func `another platform stands in the config and in the index`() async throws {
        let house = try House()
        let child = try await house.push(layers: [try tar(files: [("a", 1)])], platform: "linux/arm/v7")
        try await house.push(ManifestText.index(children: [child]), tag: "old")
        var change = ImageChange()
        change.config.platform = Platform(architecture: "arm64", os: "linux")
        let new = try await house.push(try await house.editor.changed(try tag("old"), by: change), tag: "new")
        #expect(new.config.platform == change.config.platform)
        #expect(new.root.manifest.manifests.map(\.platform) == [change.config.platform])
    }

    @Test func `annotations go where they are meant`() async throws {
        let house = try House()
        let child = try await house.push(layers: [try tar(files: [("a", 1)])], isDocker: true)
        try await house.push(ManifestText.index(mediaType: .dockerManifestList, children: [child]), tag: "old")
        let texts = TextChanges(assigned: [NamedText("a", "1")])
        for (scope, onIndex, onImage) in [
            (ImageEditor.AnnotationScope.root, true, false), (.children, false, true), (.all, true, true),
        ] {
            let draft = try await house.editor.annotated(try tag("old"), by: texts, scope: scope)
            let new = try await house.push(draft, tag: "\(scope)")
            #expect(new.root.manifest.annotations == (onIndex ? ["a": "1"] : [:]))
            #expect(new.manifest.manifest.annotations == (onImage ? ["a": "1"] : [:]))
            #expect(new.manifest.manifest.mediaType == (onImage ? .imageManifest : .dockerManifest))
            #expect(new.root.manifest.mediaType == .imageIndex)
            #expect(try await house.bytes(new.layers[0]).isEmpty == false)
        }
    }

    @Test func `pushed to another repository of the registry, a changed image takes its layers along unread`()
        async throws
    {
        let house = try House()
        try await house.push(layers: [try tar(files: [("a", 1)])], tag: "old")
        let other = try House("other/app", registry: house.registry)
        let draft = try await house.editor.changed(try tag("old"), by: labelled("ci"))
        let report = try await draft.push(to: other.place, tags: [try Tag("new")])
        #expect(report.mounted.count == 1)
        #expect(report.copied.count == 1)
        #expect(try await other.contents(try await other.image("new")).files.count == 1)
    }

    @Test func `pushed to another registry, a changed image is whole there`() async throws {
        let house = try House()
        try await house.push(layers: [try tar(files: [("a", 1)])], tag: "old")
        let other = try House()
        let new = try await other.push(try await house.editor.changed(try tag("old"), by: labelled("ci")), tag: "new")
        #expect(try await other.contents(new).files.count == 1)
    }

    @Test func `layers go on top, with a step in the history`() async throws {
        let house = try House()
        let folder = try TemporaryFolder()
        let path = folder.path + "/layer.tar"
        try write(try tar(files: [("b", 5)]), to: path)
        for isDocker in [false, true] {
            try await house.push(layers: [try tar(files: [("a", 1)])], tag: "old", isDocker: isDocker)
            for compression in LayerCompression.allCases {
                let maker = LayerMaker(compression: compression)
                var change = ImageChange()
                change.layers = [try await maker.layer(tar: path, history: HistoryStep(createdBy: "append"))]
                let new = try await house.push(try await house.editor.changed(try tag("old"), by: change), tag: "new")
                #expect(new.steps.map(\.history?.createdBy) == ["layer 0", "append"])
                #expect(try await house.contents(new).files.map(\.path.description) == ["a", "b"])
                let isOCI = !isDocker || compression == .zstd
                #expect(new.manifest.manifest.mediaType == (isOCI ? .imageManifest : .dockerManifest))
                #expect(new.layers[1].mediaType == compression.mediaType(in: new.manifest.manifest.mediaType))
            }
        }
    }

    @Test func `a rebased image stands on the new base and keeps what it added`() async throws {
        let house = try House()
        let base = try tar(files: [("base", 1)])
        try await house.push(layers: [base], tag: "base-1")
        try await house.push(layers: [base, try tar(files: [("app", 2)])], tag: "app")
        let elsewhere = try House("bases/debian")
        try await elsewhere.push(layers: [try tar(files: [("base", 3)]), try tar(files: [("more", 4)])], tag: "base-2")
        let draft = try await house.editor.rebased(
            try tag("app"),
            from: (house.place, try tag("base-1")),
            onto: (elsewhere.place, try tag("base-2"))
        )
        let new = try await house.push(draft, tag: "new")
        let contents = try await house.contents(new)
        #expect(contents.files.map { "\($0.path) \($0.facts.size)" } == ["app 2", "base 3", "more 4"])
        #expect(new.config.history.map(\.createdBy) == ["layer 0", "layer 1", "layer 1"])
        await #expect(throws: ImagingError(.requestInvalid, "")) {
            try await house.editor.rebased(
                try tag("app"),
                from: (elsewhere.place, try tag("base-2")),
                onto: (house.place, try tag("base-1"))
            )
        }
    }
}
