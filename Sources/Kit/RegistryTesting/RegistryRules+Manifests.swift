import NIOCore
import OCI
import RegistryContract

extension RegistryRules {
    static let manifests: [Rule] = [
        Rule("A manifest is read back byte for byte, by tag and by digest, in either algorithm") { registry in
            for algorithm in Digest.Algorithm.allCases {
                let image = SampleImage(seed: 60, algorithm: algorithm)
                let receipt = try await registry.push(image, to: app, tags: algorithm.rawValue, "both")
                let expected = ManifestReceipt(digest: try image.manifest.name, subject: nil)
                try demandEqual(receipt, expected, "the receipt")
                for reference in [algorithm.rawValue, "both", image.manifest.digest] {
                    try await registry.demandWhole(image.manifest, as: reference, in: app)
                    try await registry.demandWhole(image.manifest, as: reference, in: app)
                }
            }
        },
        Rule("A manifest whose blobs are not all there is refused, names each, and leaves nothing") { registry in
            let image = SampleImage(seed: 61)
            try await registry.push(image.config, to: other)
            let error = try await demandRefusal(.manifestBlobUnknown, "a manifest without its blobs") {
                try await registry.push(image.manifest, to: app, tags: "1")
            }
            try demandEqual(error.digests, [try image.config.name, try image.layer.name], "the digests of the error")
            try await demandRefusal(.nameUnknown, "the manifest") {
                _ = try await registry.manifest(.digest(image.manifest.name), in: app)
            }
            let names = try await registry.repositories(after: nil, limit: 10).elements
            try demandEqual(names, [try other], "the repositories")
            try await registry.push(image.config, to: app)
            let second = try await demandRefusal(.manifestBlobUnknown, "a manifest without its layer") {
                try await registry.push(image.manifest, to: app, tags: "1")
            }
            try demandEqual(second.digests, [try image.layer.name], "the digests of the second error")
            try demandEqual(try await registry.allTags(in: app), [], "the tags")
            try await registry.push(image.layer, to: app)
            try await registry.push(image.manifest, to: app, tags: "1")
        },
        Rule("The children of an index and a subject may be absent, and so may a layer that is not handed on") {
            registry in
            let image = SampleImage(seed: 62)
            let index = SampleManifest.index(of: [image.manifest.descriptor()])
            try await registry.push(index, to: app, tags: "index")
            try await registry.demandWhole(index, as: "index", in: app)
            let config = SampleBlob.emptyJSON
            try await registry.push(config, to: app)
            let foreign = SampleManifest.image(
                config: config.descriptor("application/vnd.oci.empty.v1+json"),
                layers: [image.layer.descriptor("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip")],
                extra: #","subject":\#(image.manifest.descriptor())"#
            )
            let receipt = try await registry.push(foreign, to: app, tags: "foreign")
            try demandEqual(receipt.subject, try image.manifest.name, "the subject of the receipt")
            try await registry.demandWhole(foreign, as: "foreign", in: app)
        },
        Rule("A manifest may name many others, and not more") { registry in
            let children = (0...Manifest.referenceCountMax).map { "sha256:" + hexadecimal($0) }.map {
                #"{"digest":"\#($0)","size":1}"#
            }
            try await registry.push(SampleManifest.index(of: Array(children.dropLast())), to: app, tags: "1")
            try await demandRefusal(.manifestTooLarge, "one too many") {
                try await registry.push(SampleManifest.index(of: children), to: app, tags: "2")
            }
            try demandEqual(try await registry.allTags(in: app), ["1"], "the tags")
        },
        Rule("The fallback tags of a push may make many referrers, and not more") { registry in
            let index = SampleManifest.index(
                of: (0..<1000).map { #"{"digest":"sha256:\#(hexadecimal($0))","size":1}"# }
            )
            let tags = try (0...Manifest.referenceCountMax / 1000).map { try Tag("sha256-" + hexadecimal($0)) }
            try await demandRefusal(.manifestTooLarge, "one tag too many") {
                _ = try await registry.putManifest(index.push(tags: tags), in: app)
            }
            _ = try await registry.putManifest(index.push(tags: Array(tags.dropLast())), in: app)
            try demandEqual(try await registry.allTags(in: app).count, tags.count - 1, "the tags")
        },
        Rule("What is no manifest, or has another digest than it was pushed by, is refused and leaves nothing") {
            registry in
            let tag = try Tag("1")
            for text in ["", "{", "[]", #"{"schemaVersion":2}"#, String(repeating: "[", count: 10_000)] {
                try await demandRefusal(.manifestInvalid, "the manifest \(text.prefix(20))") {
                    let bytes = Array(text.utf8)
                    let push = ManifestPush(digest: nil, tags: [tag], contentType: .imageManifest, bytes: bytes)
                    _ = try await registry.putManifest(push, in: app)
                }
            }
            let index = SampleManifest.index(of: [])
            let error = try await demandRefusal(.digestMismatch, "another digest") {
                _ = try await registry.putManifest(index.push(tags: [tag], by: SampleBlob("x").name), in: app)
            }
            try demandEqual(error.digests, [try index.name], "the digests of the error")
            try await demandRefusal(.manifestTooLarge, "a manifest over the limit") {
                let bytes = index.bytes + [UInt8](repeating: 0x20, count: Manifest.byteCountMax)
                let push = ManifestPush(digest: nil, tags: [tag], contentType: nil, bytes: bytes)
                _ = try await registry.putManifest(push, in: app)
            }
            let names = try await registry.repositories(after: nil, limit: 10).elements
            try demandEqual(names, [], "the repositories")
        },
        Rule("A manifest is read only where it was pushed") { registry in
            let index = SampleManifest.index(of: [])
            try await registry.push(index, to: app, tags: "1")
            try await registry.push(SampleBlob("x"), to: other)
            for reference in [Reference.tag(try Tag("1")), .digest(try index.name)] {
                try await demandRefusal(.manifestUnknown, "\(reference) elsewhere") {
                    _ = try await registry.manifest(reference, in: other)
                }
                try await demandRefusal(.nameUnknown, "\(reference) of nowhere") {
                    _ = try await registry.manifest(reference, in: RepositoryName("nowhere"))
                }
            }
        },
        Rule("A deleted manifest is gone for the very next reader, with each of its tags, and only there") { registry in
            let (first, second) = (SampleManifest.index(of: []), SampleManifest.index(of: [], extra: #","x":1"#))
            try await registry.push(first, to: app, tags: "a", "b")
            try await registry.push(second, to: app, tags: "c")
            try await registry.push(first, to: other, tags: "a")
            for reference in ["a", "b", first.digest] { try await registry.demandWhole(first, as: reference, in: app) }
            try await registry.deleteManifest(first.name, in: app)
            for reference in ["a", "b", first.digest] {
                try await demandRefusal(.manifestUnknown, "\(reference) after the deletion") {
                    _ = try await registry.manifest(Reference(reference), in: app)
                }
            }
            try demandEqual(try await registry.allTags(in: app), ["c"], "the tags")
            try await registry.demandWhole(second, as: "c", in: app)
            try await registry.demandWhole(first, as: "a", in: other)
            try await demandRefusal(.manifestUnknown, "deleting it again") {
                try await registry.deleteManifest(first.name, in: app)
            }
            try await demandRefusal(.nameUnknown, "deleting from nowhere") {
                try await registry.deleteManifest(first.name, in: RepositoryName("nowhere"))
            }
            try await registry.push(first, to: app, tags: "a")
            try await registry.demandWhole(first, as: "a", in: app)
        },
        Rule("An image stays when the index that names it is deleted, and an index when its child is") { registry in
            let image = SampleImage(seed: 63)
            try await registry.push(image, to: app, tags: "image")
            let index = SampleManifest.index(of: [image.manifest.descriptor()])
            try await registry.push(index, to: app, tags: "index")
            try await registry.deleteManifest(image.manifest.name, in: app)
            try await registry.demandWhole(index, as: "index", in: app)
            try await registry.push(image.manifest, to: app, tags: "image")
            try await registry.deleteManifest(index.name, in: app)
            try await registry.demandWhole(image.manifest, as: "image", in: app)
        },
    ]

    /// A number as the hexadecimal digits of a SHA-256.
    private static func hexadecimal(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 64 - digits.utf8.count) + digits
    }
}
