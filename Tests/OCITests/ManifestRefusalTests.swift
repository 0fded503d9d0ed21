import OCI
import Testing

/// What is refused, and with what words.
@Suite struct ManifestRefusalTests {
    private static func sized(_ size: String) -> String {
        Documents.image(layers: #"[{"digest":"\#(Documents.digest)","size":\#(size)}]"#)
    }

    @Test(
        arguments: [
            (Documents.image().replacing("2,", with: "1,"), .field("schemaVersion", "must be 2")),
            (Documents.image().replacing(#""schemaVersion":2,"#, with: ""), .field("schemaVersion", "must be 2")),
            (Documents.image().replacing(":2,", with: ":\"2\","), .field("schemaVersion", "has the wrong type")),
            (Documents.image(config: "null"), .field("config", "is missing")),
            (Documents.image(config: "[]"), .field("config", "has the wrong type")),
            (Documents.image(config: "{}"), .field("config.digest", "is missing")),
            (Documents.image(layers: "{}"), .field("layers", "has the wrong type")),
            (Documents.image(layers: "[null]"), .field("layers[0]", "has the wrong type")),
            (Documents.image(layers: "[\(Documents.layer),1]"), .field("layers[1]", "has the wrong type")),
            (Documents.index(manifests: "[{\"size\":1}]"), .field("manifests[0].digest", "is missing")),
            (Documents.index(manifests: "1"), .field("manifests", "has the wrong type")),
            (
                Documents.image(layers: "[\(Documents.descriptor("a/b", digest: "md5:00"))]"),
                .field("layers[0].digest", "has the algorithm md5; only sha256 and sha512 are served")
            ),
            (
                Documents.image(layers: "[\(Documents.descriptor("a/b", digest: "sha256:00"))]"),
                .field("layers[0].digest", "has 2 digits after the colon in place of 64")
            ),
            (Documents.image(#","subject":{"digest":1}"#), .field("subject.digest", "has the wrong type")),
            (
                Documents.image(#","subject":\#(Documents.layer.dropLast()),"size":4}"#),
                .field("subject.size", "stands twice")
            ),
            (Documents.image(#","annotations":{"a":1}"#), .field("annotations.a", "has the wrong type")),
            (Documents.image(#","annotations":{"a":null}"#), .field("annotations.a", "has the wrong type")),
            (Documents.image(#","annotations":[]"#), .field("annotations", "has the wrong type")),
            (Documents.image(#","mediaType":"x""#, type: nil), .field("mediaType", "is not a media type")),
            (Documents.image(#","mediaType":7"#, type: nil), .field("mediaType", "has the wrong type")),
            (
                Documents.image(#","artifactType":"a/\u0000""#),
                .field("artifactType", "is longer than 255 bytes, or has control characters")
            ),
            (
                Documents.image(#","artifactType":"\#(String(repeating: "é", count: 128))""#),
                .field("artifactType", "is longer than 255 bytes, or has control characters")
            ),
            (sized("-1"), .field("layers[0].size", "is negative")),
            (sized("null"), .field("layers[0].size", "is missing")),
            (sized("\"1\""), .field("layers[0].size", "has the wrong type")),
            (sized("true"), .field("layers[0].size", "has the wrong type")),
        ] as [(String, Manifest.ParseError)]
    )
    func `a field that is not as it must be is named`(text: String, reason: Manifest.ParseError) {
        #expect(throws: reason) { try Documents.parse(text) }
    }

    @Test(arguments: [
        "1e3", "12.0", "12.5", "1E400", "0.0", "9223372036854775808", "-9223372036854775809",
        String(repeating: "9", count: 100_000),
    ])
    func `a size that Go's reader would not take is refused`(size: String) {
        let reason = Manifest.ParseError.field("layers[0].size", "is not a whole number, or too large")
        #expect(throws: reason) { try Documents.parse(Self.sized(size)) }
    }

    @Test(arguments: [
        (Documents.image(#","layers":[]"#), "layers"), (Documents.image(#","l\u0061yers":[]"#), "layers"),
        (Documents.image(#","layers":null"#), "layers"),
        (Documents.image(#","config":\#(Documents.config)"#), "config"),
        (Documents.image(#","mediaType":"\#(MediaType.imageManifest)""#), "mediaType"),
        (Documents.image(config: Documents.descriptor("a/b", #","digest":"\#(Documents.other)""#)), "config.digest"),
        (Documents.image(layers: "[\(Documents.layer.dropLast()),\"size\":3}]"), "layers[0].size"),
        (Documents.image(#","annotations":{"b":"","a":"","b":""}"#), "annotations.b"),
        (Documents.image(#","annotations":{"é":"","\u00e9":""}"#), "annotations.é"),
    ])
    func `a field that stands twice is refused, since readers differ on which one counts`(text: String, field: String) {
        #expect(throws: Manifest.ParseError.field(field, "stands twice")) { try Documents.parse(text) }
    }

    @Test(arguments: [
        (Documents.image(#","Layers":[]"#), "Layers", "layers"),
        (Documents.image(#","MANIFESTS":[]"#), "MANIFESTS", "manifests"),
        (Documents.image(",\"layer\u{17F}\":[]"), "layer\u{17F}", "layers"),
        (Documents.image(#","\u004Cayers":[]"#), "Layers", "layers"),
        (Documents.image(config: Documents.descriptor("a/b", #","Digest":"x""#)), "config.Digest", "digest"),
    ])
    func `a field that Go's reader would take for another is refused`(text: String, field: String, known: String) {
        #expect(throws: Manifest.ParseError.field(field, "differs from \(known) only in case")) {
            try Documents.parse(text)
        }
    }

    @Test func `names of annotations that differ in case or in Unicode's form are different names`() throws {
        let manifest = try Documents.parse(
            Documents.image(",\"annotations\":{\"A\":\"1\",\"a\":\"2\",\"e\u{301}\":\"3\",\"\u{E9}\":\"4\"}")
        )
        #expect(manifest.annotations.map(\.value) == ["1", "2", "3", "4"])
        #expect(manifest.annotations == ["\u{E9}": "4", "e\u{301}": "3", "A": "1", "a": "2"])
        #expect(manifest.annotations != ["\u{E9}": "3", "e\u{301}": "4", "A": "1", "a": "2"])
        #expect(Annotations(dictionaryLiteral: ("a", "\u{E9}")) != ["a": "e\u{301}"])
    }

    @Test(arguments: [
        Documents.image(#","manifests":[]"#), Documents.index(#","layers":[]"#),
        Documents.index(#","config":\#(Documents.config)"#),
        #"{"mediaType":"\#(MediaType.artifactManifest)","layers":[]}"#,
        #"{"mediaType":"\#(MediaType.artifactManifest)","manifests":[]}"#,
    ])
    func `a document that is an image to one reader and an index to another is refused`(text: String) {
        #expect(throws: Manifest.ParseError.ambiguous) { try Documents.parse(text) }
    }

    @Test(
        arguments: [
            (
                Documents.image(), .imageIndex,
                .contradiction(
                    contentType: "application/vnd.oci.image.index.v1+json",
                    body: "application/vnd.oci.image.manifest.v1+json"
                )
            ),
            (
                Documents.image(type: .dockerManifest), .imageManifest,
                .contradiction(
                    contentType: "application/vnd.oci.image.manifest.v1+json",
                    body: "application/vnd.docker.distribution.manifest.v2+json"
                )
            ),
            (Documents.image(type: nil), .imageIndex, .ambiguous),
            (Documents.index(type: nil), .imageManifest, .ambiguous),
            (Documents.image(type: nil), .octetStream, .unsupportedMediaType("application/octet-stream")),
            (
                #"{"schemaVersion":1}"#, .dockerManifestSchema1,
                .unsupportedMediaType("application/vnd.docker.distribution.manifest.v1+json")
            ),
            (#"{"schemaVersion":2}"#, nil, .undeclared), ("{}", nil, .undeclared),
            (#"{"schemaVersion":2,"layers":[]}"#, nil, .undeclared),
            (#"{"schemaVersion":2,"layers":[]}"#, .imageManifest, .field("config", "is missing")),
            (
                #"{"schemaVersion":2,"config":\#(Documents.config)}"#, .imageManifest, .field("layers", "is missing")
            ),
            (#"{"schemaVersion":2}"#, .imageIndex, .field("manifests", "is missing")),
        ] as [(String, MediaType?, Manifest.ParseError)]
    )
    func `a type that is contradicted, unknown or missing is refused`(
        text: String,
        contentType: MediaType?,
        reason: Manifest.ParseError
    ) {
        #expect(throws: reason) { try Documents.parse(text, as: contentType) }
    }

    @Test func `messages stay short, whatever the client wrote`() {
        let long = String(repeating: "\u{301}x", count: 10_000)
        let texts = [
            Documents.image(#","annotations":{"\#(long)":1}"#), Documents.image(#","mediaType":"\#(long)""#, type: nil),
            Documents.image(config: Documents.descriptor("a/b", digest: long)),
            Documents.image(config: Documents.descriptor("a/b", digest: "\(String(repeating: "x", count: 9999)):1")),
        ]
        for text in texts {
            #expect { try Documents.parse(text) } throws: { "\($0)".utf8.count < 1000 }
        }
    }
}
