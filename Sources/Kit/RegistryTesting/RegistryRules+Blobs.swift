import OCI
import RegistryContract

extension RegistryRules {
    static let blobs: [Rule] = [
        Rule("A blob is read back as it was pushed, of any size, in either algorithm") { registry in
            for algorithm in Digest.Algorithm.allCases {
                for count in [0, 1, 1000, 65_536, 65_537, 300_000] {
                    let blob = SampleBlob(count: count, seed: UInt64(count), algorithm: algorithm)
                    let size = try await registry.push(blob, to: app)
                    try demandEqual(size, Int64(count), "the size that the push returns")
                    try await registry.demandWhole(blob, in: app)
                    try await registry.demandWhole(blob, in: app)
                }
            }
        },
        Rule("A blob that is pushed again, there or elsewhere, is the same blob") { registry in
            let blob = SampleBlob(count: 1000, seed: 1)
            for repository in [try app, try other, try app] {
                try await registry.push(blob, to: repository)
                try await registry.demandWhole(blob, in: repository)
            }
        },
        Rule("A blob is read only where it was pushed, and a repository that is not known is said to be so") {
            registry in
            let blob = SampleBlob("of app")
            try await registry.push(blob, to: app)
            try await registry.push(SampleBlob("of other"), to: other)
            let nowhere = try RepositoryName("nowhere")
            for (repository, code) in [(try other, RegistryError.Code.blobUnknown), (nowhere, .nameUnknown)] {
                let error = try await demandRefusal(code, "the size of a blob of \(repository)") {
                    _ = try await registry.blobByteCount(blob.name, in: repository)
                }
                try demandEqual(error.digests, code == .blobUnknown ? [try blob.name] : [], "the digests of the error")
                try await demandRefusal(code, "a blob of \(repository)") {
                    _ = try await registry.blob(blob.name, in: repository)
                }
            }
        },
        Rule("A blob that was deleted is gone for the very next reader, and only there") { registry in
            let blob = SampleBlob(count: 500, seed: 2)
            for repository in [try app, try other] {
                try await registry.push(blob, to: repository)
                try await registry.demandWhole(blob, in: repository)
            }
            try await registry.deleteBlob(blob.name, in: app)
            try await demandRefusal(.blobUnknown, "reading a deleted blob") {
                _ = try await registry.blob(blob.name, in: app)
            }
            try await demandRefusal(.blobUnknown, "the size of a deleted blob") {
                _ = try await registry.blobByteCount(blob.name, in: app)
            }
            try await demandRefusal(.blobUnknown, "deleting it again") {
                try await registry.deleteBlob(blob.name, in: app)
            }
            try await registry.demandWhole(blob, in: other)
            try await registry.push(blob, to: app)
            try await registry.demandWhole(blob, in: app)
        },
        Rule("What was opened before a deletion can be read to its end") { registry in
            let blob = SampleBlob(count: 200_000, seed: 3)
            try await registry.push(blob, to: app)
            let content = try await registry.blob(blob.name, in: app)
            try await registry.deleteBlob(blob.name, in: app)
            let bytes = try await content.allBytes()
            try demand(bytes == blob.bytes, "the open blob has changed")
        },
        Rule("A blob that a manifest of the repository needs is not deleted before it") { registry in
            let image = SampleImage(seed: 4)
            try await registry.push(image, to: app, tags: "1")
            for blob in image.blobs {
                let error = try await demandRefusal(.blobInUse, "deleting a blob that is needed") {
                    try await registry.deleteBlob(blob.name, in: app)
                }
                try demandEqual(error.digests, [try blob.name], "the digests of the error")
                try await registry.demandWhole(blob, in: app)
            }
            try await registry.deleteManifest(image.manifest.name, in: app)
            for blob in image.blobs { try await registry.deleteBlob(blob.name, in: app) }
        },
        Rule("Deleting what is not there says what is not there") { registry in
            let digest = try SampleBlob("absent").name
            try await demandRefusal(.nameUnknown, "deleting from nowhere") {
                try await registry.deleteBlob(digest, in: app)
            }
            try await registry.push(SampleBlob("present"), to: app)
            try await demandRefusal(.blobUnknown, "deleting an absent blob") {
                try await registry.deleteBlob(digest, in: app)
            }
        },
    ]

    static let mounts: [Rule] = [
        Rule("A blob is mounted from a repository that holds it, and stays when it is deleted there") { registry in
            let blob = SampleBlob(count: 900, seed: 5)
            try await registry.push(blob, to: app)
            try demandEqual(
                try await registry.mountBlob(blob.name, from: .repository(app), into: other),
                true,
                "the mount"
            )
            try await registry.demandWhole(blob, in: other)
            try await registry.deleteBlob(blob.name, in: app)
            try await registry.demandWhole(blob, in: other)
        },
        Rule("A blob is not mounted from a repository that does not hold it, and nothing comes of it") { registry in
            let blob = SampleBlob(count: 900, seed: 6)
            try await registry.push(blob, to: app)
            try await registry.push(SampleBlob("something else"), to: other)
            let target = try RepositoryName("target")
            for source in [try other, try RepositoryName("nowhere"), target] {
                let isMounted = try await registry.mountBlob(blob.name, from: MountSource(source), into: target)
                try demandEqual(isMounted, false, "the mount from \(source)")
            }
            let names = try await registry.repositories(after: nil, limit: 10).elements
            try demandEqual(names, [try app, try other], "the repositories")
        },
        Rule("Without a source a blob is mounted from wherever it is held, and from nowhere once it is not") {
            registry in
            let blob = SampleBlob(count: 900, seed: 7)
            let absent = try await registry.mountBlob(blob.name, from: .anywhere, into: other)
            try demandEqual(absent, false, "the mount of what nobody holds")
            try await registry.push(blob, to: app)
            try demandEqual(try await registry.mountBlob(blob.name, from: .anywhere, into: other), true, "the mount")
            try await registry.demandWhole(blob, in: other)
            for repository in [try app, try other] { try await registry.deleteBlob(blob.name, in: repository) }
            let third = try RepositoryName("third")
            let late = try await registry.mountBlob(blob.name, from: .anywhere, into: third)
            try demandEqual(late, false, "the mount of what nobody holds any longer")
        },
        Rule("A mounted blob may be named by a manifest") { registry in
            let image = SampleImage(seed: 8)
            for blob in image.blobs {
                try await registry.push(blob, to: app)
                _ = try await registry.mountBlob(blob.name, from: .repository(app), into: other)
            }
            try await registry.push(image.manifest, to: other, tags: "1")
            try await registry.demandWhole(image.manifest, as: "1", in: other)
        },
    ]
}
