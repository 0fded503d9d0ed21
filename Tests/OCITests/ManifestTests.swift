import OCI
import Testing

/// Documents for the tests of manifests, written out as clients write them.
enum Documents {
    static let digest = DigestTests.sha256
    static let other = "sha256:" + String(repeating: "f", count: 64)
    static let config = descriptor("application/vnd.oci.image.config.v1+json", size: 2)
    static let layer = descriptor("application/vnd.oci.image.layer.v1.tar+gzip", size: 3)

    static func descriptor(_ type: String, digest: String = digest, size: Int = 1, _ more: String = "") -> String {
        #"{"mediaType":"\#(type)","digest":"\#(digest)","size":\#(size)\#(more)}"#
    }

    static func image(
        _ more: String = "",
        type: MediaType? = .imageManifest,
        config: String = config,
        layers: String = "[]"
    ) -> String {
        let mediaType = type.map { #""mediaType":"\#($0)","# } ?? ""
        return #"{"schemaVersion":2,\#(mediaType)"config":\#(config),"layers":\#(layers)\#(more)}"#
    }

    static func index(_ more: String = "", type: MediaType? = .imageIndex, manifests: String = "[]") -> String {
        let mediaType = type.map { #""mediaType":"\#($0)","# } ?? ""
        return #"{"schemaVersion":2,\#(mediaType)"manifests":\#(manifests)\#(more)}"#
    }

    static func parse(_ text: String, as type: MediaType? = nil) throws(Manifest.ParseError) -> Manifest {
        try Manifest(parsing: Array(text.utf8), contentType: type)
    }

    static func value(_ type: String, size: Int64 = 1) throws -> Descriptor {
        Descriptor(mediaType: MediaType(type), digest: try Digest(digest), size: size)
    }
}

/// What is read from documents that are good.
@Suite struct ManifestTests {
    @Test(arguments: [MediaType.imageManifest, .dockerManifest])
    func `an image has a config and layers`(type: MediaType) throws {
        let manifest = try Documents.parse(
            Documents.image(type: type, layers: "[\(Documents.layer),\(Documents.layer)]")
        )
        let layer = try Documents.value("application/vnd.oci.image.layer.v1.tar+gzip", size: 3)
        #expect(manifest.kind == .image)
        #expect(manifest.mediaType == type)
        #expect(manifest.config == (try Documents.value("application/vnd.oci.image.config.v1+json", size: 2)))
        #expect(manifest.layers == [layer, layer])
        #expect(manifest.manifests == [])
        #expect(manifest.subject == nil)
        #expect(manifest.annotations == [:])
        #expect(manifest.artifactType == "application/vnd.oci.image.config.v1+json")
    }

    @Test(arguments: [MediaType.imageIndex, .dockerManifestList])
    func `an index has manifests with their platforms`(type: MediaType) throws {
        let platform = #","platform":{"architecture":"arm","os":"linux","variant":"v7","os.version":"1.2"}"#
        let child = Documents.descriptor("application/vnd.oci.image.manifest.v1+json", platform)
        let manifest = try Documents.parse(Documents.index(type: type, manifests: "[\(child)]"))
        var expected = try Documents.value("application/vnd.oci.image.manifest.v1+json")
        expected.platform = Platform(architecture: "arm", os: "linux", variant: "v7", osVersion: "1.2")
        #expect(manifest.kind == .index)
        #expect(manifest.mediaType == type)
        #expect(manifest.manifests == [expected])
        #expect(manifest.config == nil)
        #expect(manifest.layers == [])
        #expect(manifest.artifactType == nil)
    }

    @Test func `an artifact manifest has blobs and needs no schemaVersion`() throws {
        let manifest = try Documents.parse(
            #"{"mediaType":"\#(MediaType.artifactManifest)","artifactType":"x/Y","blobs":[\#(Documents.layer)]}"#
        )
        #expect(manifest.kind == .artifact)
        #expect(manifest.artifactType == "x/Y")
        #expect(manifest.layers.map(\.size) == [3])
    }

    @Test func `subject, annotations, and each field of a descriptor are read`() throws {
        let subject = Documents.descriptor(
            "a/b",
            digest: DigestTests.sha512,
            #","artifactType":"c/d","annotations":{"k":"v"},"urls":["https://example.com/1","x"]"#
        )
        let manifest = try Documents.parse(
            Documents.image(#","subject":\#(subject),"annotations":{"b":"\u00e9\ud83d\ude00\n\/\"\\","a":"é","":""}"#)
        )
        #expect(
            manifest.subject
                == Descriptor(
                    mediaType: MediaType("a/b"),
                    digest: try Digest(DigestTests.sha512),
                    size: 1,
                    artifactType: "c/d",
                    annotations: ["k": "v"],
                    urls: ["https://example.com/1", "x"]
                )
        )
        #expect(manifest.annotations == ["a": "é", "b": "é😀\n/\"\\", "": ""])
        #expect(manifest.annotations.map(\.name) == ["", "a", "b"])
    }

    @Test func `the type of an artifact is its own, else that of the config, letter by letter`() throws {
        let config = Documents.descriptor("application/vnd.Example.Config+json")
        func type(_ more: String) throws -> String? {
            try Documents.parse(Documents.image(more, config: config)).artifactType
        }
        #expect(try type("") == "application/vnd.Example.Config+json")
        #expect(try type(#","artifactType":"""#) == "application/vnd.Example.Config+json")
        #expect(try type(#","artifactType":null"#) == "application/vnd.Example.Config+json")
        #expect(try type(#","artifactType":"Some/Thing""#) == "Some/Thing")
        #expect(try Documents.parse(Documents.image(config: Documents.descriptor("no type"))).artifactType == nil)
    }

    @Test func `what is null is not there, and a list that is null is empty`() throws {
        let nulls = #","subject":null,"annotations":null,"artifactType":null,"manifests":null,"blobs":null"#
        let image = try Documents.parse(Documents.image(nulls, layers: "null"))
        #expect(image == (try Documents.parse(Documents.image())))
        let descriptor = Documents.descriptor("a/b", #","annotations":null,"urls":null,"platform":null"#)
        let index = try Documents.parse(Documents.index(#","config":null,"layers":null"#, manifests: "[\(descriptor)]"))
        #expect(index.manifests == [try Documents.value("a/b")])
        #expect(try Documents.parse(Documents.index(manifests: "null")).manifests == [])
    }

    @Test(arguments: [
        #","x":1"#, #","x":{"layers":[{}],"config":1}"#, #","X":"x","x":"y""#, #","x":1,"x":2"#, #","":0"#,
        #","x":[[],{},[0,-0.5,1e5,1E+5,2e-7,0.0],true,false,null,"",{"a":{"a":[]}}]"#, #","x":"\b\f\n\r\t\/\u0000""#,
        #","platform":1,"size":"x","data":[]"#, #","\u006cayer":1"#, ",\"x\u{301}\u{323}\":\"\u{7F}\u{80}\"",
    ])
    func `fields that are not known mean nothing`(more: String) throws {
        let plain = try Documents.parse(Documents.image(layers: "[\(Documents.layer)]"))
        #expect(try Documents.parse(Documents.image(more, layers: "[\(Documents.layer)]")) == plain)
        let descriptor = Documents.descriptor("a/b", more.contains("size") ? "" : more)
        #expect(try Documents.parse(Documents.index(manifests: "[\(descriptor)]")).manifests.count == 1)
    }

    @Test func `white space means nothing, wherever the grammar has it`() throws {
        let text = Documents.image(#","annotations":{"a":"b"}"#, layers: "[\(Documents.layer),\(Documents.layer)]")
        let spaced = text.map { "{}[],".contains($0) ? " \t\r\n\($0) \t\r\n" : String($0) }.joined()
            .replacing("\":", with: "\" :\n ")
        #expect(try Documents.parse(spaced) == (try Documents.parse(text)))
    }

    @Test(
        arguments: [
            (Documents.image(), nil, MediaType.imageManifest),
            (Documents.image(type: nil), .imageManifest, .imageManifest),
            (Documents.image(type: nil), .dockerManifest, .dockerManifest),
            (Documents.image(type: nil), nil, .imageManifest), (Documents.index(type: nil), nil, .imageIndex),
            (Documents.index(type: nil), .dockerManifestList, .dockerManifestList),
            (Documents.image(), .imageManifest, .imageManifest),
            (Documents.image(#","mediaType":"""#, type: nil), .imageManifest, .imageManifest),
            (
                Documents.image(#","mediaType":"Application/VND.oci.image.manifest.v1+JSON""#, type: nil),
                .imageManifest,
                .imageManifest
            ),
        ] as [(String, MediaType?, MediaType)]
    )
    func `the type is what Content-Type and document say, or what the fields show`(
        text: String,
        contentType: MediaType?,
        expected: MediaType
    ) throws {
        #expect(try Documents.parse(text, as: contentType).mediaType == expected)
    }

    @Test(arguments: [0, 1, 9_007_199_254_740_993, .max] as [Int64])
    func `sizes are read to the last digit`(size: Int64) throws {
        let manifest = try Documents.parse(
            Documents.image(config: #"{"digest":"\#(Documents.digest)","size":\#(size)}"#)
        )
        #expect(manifest.config?.size == size)
        #expect(manifest.config?.mediaType == nil)
    }
}
