import Hashing
import OCI
import Testing

@testable import Imaging

@Suite struct ManifestTextTests {
    private let blob = Descriptor(mediaType: .imageConfig, digest: ContentHash.digest(of: []), size: 0)
    private let hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    @Test func `a manifest is written in the order of the specification, without white space`() {
        let text = ManifestText.image(
            artifactType: "application/x",
            config: blob,
            layers: [],
            subject: blob,
            annotations: ["b": "2", "a": "1"]
        )
        let config = #"{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:\#(hex)","size":0}"#
        #expect(
            String(decoding: text.bytes, as: UTF8.self)
                == #"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","#
                + #""artifactType":"application/x","config":\#(config),"layers":[],"subject":\#(config),"#
                + #""annotations":{"a":"1","b":"2"}}"#
        )
    }

    @Test func `an index names platforms in full`() throws {
        var child = blob
        child.mediaType = .imageManifest
        child.platform = Platform(architecture: "arm", os: "linux", variant: "v7", osVersion: "6")
        let text = ManifestText.index(children: [child])
        let manifest = try Manifest(parsing: text.bytes, contentType: nil)
        #expect(manifest.manifests == [child])
        #expect(
            String(decoding: text.bytes, as: UTF8.self).contains(#""platform":{"architecture":"arm","os":"linux","#)
        )
    }

    @Test func `what is not understood stays, also within descriptors`() throws {
        let before = #"""
            {"schemaVersion":2,"x-first":[1.0],"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[
            {"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:\#(hex)","size":9,
            "platform":{"architecture":"arm64","os":"linux","os.features":["y"]},"data":"AA==","z":null}]}
            """#.replacing("\n", with: "")
        var text = try ManifestText(editing: Array(before.utf8), contentType: nil)
        var new = blob
        new.mediaType = .imageManifest
        new.size = 10
        new.platform = Platform(architecture: "riscv64", os: "linux")
        text.replaceChildren([blob.digest: new])
        text.annotate(TextChanges(assigned: [NamedText("a", "1")]))
        let expected = before.replacing(#""size":9"#, with: #""size":10"#)
            .replacing(#""data":"AA==","#, with: "").replacing("arm64", with: "riscv64").dropLast()
        #expect(String(decoding: text.bytes, as: UTF8.self) == expected + #","annotations":{"a":"1"}}"#)
    }

    @Test func `Docker's manifest becomes OCI's with the names of its layers`() throws {
        let layer = Descriptor(
            mediaType: MediaType("application/vnd.docker.image.rootfs.diff.tar.gzip"),
            digest: blob.digest,
            size: 1
        )
        var config = blob
        config.mediaType = .dockerConfig
        var text = ManifestText.image(mediaType: .dockerManifest, config: config, layers: [layer])
        text.becomeOCI()
        let manifest = try Manifest(parsing: text.bytes, contentType: nil)
        #expect(manifest.mediaType == .imageManifest)
        #expect(manifest.config?.mediaType == .imageConfig)
        #expect(manifest.layers.map(\.mediaType?.description) == ["application/vnd.oci.image.layer.v1.tar+gzip"])
    }

    @Test func `what is no manifest is refused with a sentence`() {
        #expect(throws: ImagingError(.documentInvalid, "")) {
            try ManifestText(editing: Array(#"{"schemaVersion":2}"#.utf8), contentType: nil)
        }
    }
}
