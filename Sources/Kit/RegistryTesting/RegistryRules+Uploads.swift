import OCI
import RegistryContract

extension RegistryRules {
    static let uploads: [Rule] = [
        Rule("Nothing of an upload is visible before it is finished") { registry in
            let blob = SampleBlob(count: 3000, seed: 20)
            let id = try await registry.startUpload(in: app, algorithm: .sha256).id
            _ = try await registry.append(blob.body(), to: id, at: 0, in: app)
            try await demandRefusal(.nameUnknown, "a blob that is being pushed") {
                _ = try await registry.blobByteCount(blob.name, in: app)
            }
            try await demandRefusal(.nameUnknown, "the tags of a repository that is being pushed to") {
                _ = try await registry.tags(in: app, after: nil, limit: 10)
            }
            let names = try await registry.repositories(after: nil, limit: 10).elements
            try demandEqual(names, [], "the repositories")
            let isMounted = try await registry.mountBlob(blob.name, from: .anywhere, into: other)
            try demandEqual(isMounted, false, "a mount of what is being pushed")
            _ = try await registry.finishUpload(id, appending: nil, at: nil, expecting: blob.name, in: app)
            try await registry.demandWhole(blob, in: app)
        },
        Rule("An upload in chunks stands after each where the bytes end, and is the whole at the end") { registry in
            let blob = SampleBlob(count: 10_000, seed: 21)
            let start = try await registry.startUpload(in: app, algorithm: .sha256)
            try demandEqual(start.offset, 0, "the offset at the start")
            for from in stride(from: 0, to: 9000, by: 3000) {
                let chunk = blob.body(from..<from + 3000)
                let status = try await registry.append(chunk, to: start.id, at: Int64(from), in: app)
                let expected = UploadStatus(id: start.id, offset: Int64(from + 3000))
                try demandEqual(status, expected, "the status after a chunk")
                try demandEqual(try await registry.upload(start.id, in: app), expected, "the status when asked for")
            }
            let size = try await registry.finishUpload(
                start.id,
                appending: blob.body(9000..<10_000),
                at: 9000,
                expecting: blob.name,
                in: app
            )
            try demandEqual(size, 10_000, "the size")
            try await registry.demandWhole(blob, in: app)
        },
        Rule("A chunk that does not begin where the upload stands is refused, says where that is, and changes nothing")
        {
            registry in
            let blob = SampleBlob(count: 1000, seed: 22)
            let id = try await registry.startUpload(in: app, algorithm: .sha256).id
            _ = try await registry.append(blob.body(0..<600), to: id, at: 0, in: app)
            for offset in [0, 599, 601, 1000, 5_000_000_000] as [Int64] {
                let appending = try await demandRefusal(.uploadOffsetInvalid, "an append at \(offset)") {
                    _ = try await registry.append(blob.body(0..<10), to: id, at: offset, in: app)
                }
                let finishing = try await demandRefusal(.uploadOffsetInvalid, "a finish at \(offset)") {
                    _ = try await registry.finishUpload(
                        id,
                        appending: blob.body(600..<1000),
                        at: offset,
                        expecting: blob.name,
                        in: app
                    )
                }
                try demandEqual([appending.offset, finishing.offset], [600, 600], "the offsets of the errors")
            }
            try demandEqual(try await registry.upload(id, in: app).offset, 600, "the offset")
            let rest = blob.body(600..<1000)
            _ = try await registry.finishUpload(id, appending: rest, at: nil, expecting: blob.name, in: app)
            try await registry.demandWhole(blob, in: app)
        },
        Rule("Bytes that hash to another digest are refused, and the upload is dropped") { registry in
            let blob = SampleBlob(count: 1000, seed: 23)
            for algorithm in Digest.Algorithm.allCases {
                let wrong = try SampleBlob(count: 1000, seed: 24, algorithm: algorithm).name
                let actual = try SampleBlob(blob.bytes, algorithm: algorithm).name
                let id = try await registry.startUpload(in: app, algorithm: .sha256).id
                _ = try await registry.append(blob.body(0..<500), to: id, at: 0, in: app)
                let error = try await demandRefusal(.digestMismatch, "a wrong digest") {
                    let rest = blob.body(500..<1000)
                    _ = try await registry.finishUpload(id, appending: rest, at: 500, expecting: wrong, in: app)
                }
                try demandEqual(error.digests, [actual], "the digests of the error")
                try await demandRefusal(.uploadUnknown, "the upload after it") {
                    _ = try await registry.upload(id, in: app)
                }
                for digest in [wrong, actual] {
                    try await demandRefusal(.nameUnknown, "the blob after it") {
                        _ = try await registry.blob(digest, in: app)
                    }
                }
            }
            try await registry.push(blob, to: app)
            try await registry.demandWhole(blob, in: app)
        },
        Rule("The digest may be of another algorithm than the upload began with") { registry in
            for (begun, ended) in [(Digest.Algorithm.sha256, Digest.Algorithm.sha512), (.sha512, .sha256)] {
                let blob = SampleBlob(count: 5000, seed: 25, algorithm: ended)
                let id = try await registry.startUpload(in: app, algorithm: begun).id
                _ = try await registry.append(blob.body(0..<2000), to: id, at: 0, in: app)
                let rest = blob.body(2000..<5000)
                _ = try await registry.finishUpload(id, appending: rest, at: 2000, expecting: blob.name, in: app)
                try await registry.demandWhole(blob, in: app)
            }
        },
        Rule("A finished upload is no upload any more") { registry in
            let blob = SampleBlob(count: 100, seed: 26)
            let id = try await registry.startUpload(in: app, algorithm: .sha256).id
            _ = try await registry.finishUpload(id, appending: blob.body(), at: 0, expecting: blob.name, in: app)
            try await demandUnknown(id, in: app, of: registry, blob)
            try await registry.demandWhole(blob, in: app)
        },
        Rule("A cancelled upload is no upload any more, and nothing of it is visible") { registry in
            let blob = SampleBlob(count: 100, seed: 27)
            let id = try await registry.startUpload(in: app, algorithm: .sha256).id
            _ = try await registry.append(blob.body(), to: id, at: 0, in: app)
            try await registry.cancelUpload(id, in: app)
            try await demandUnknown(id, in: app, of: registry, blob)
            try await demandRefusal(.nameUnknown, "what was uploaded") {
                _ = try await registry.blob(blob.name, in: app)
            }
        },
        Rule("An upload is known only in its own repository, and goes on there") { registry in
            let blob = SampleBlob(count: 100, seed: 28)
            let id = try await registry.startUpload(in: app, algorithm: .sha256).id
            try await demandUnknown(id, in: other, of: registry, blob)
            _ = try await registry.finishUpload(id, appending: blob.body(), at: 0, expecting: blob.name, in: app)
            try await registry.demandWhole(blob, in: app)
        },
        Rule("An upload that was never begun is unknown") { registry in
            var random = SeededGenerator(seed: 29)
            try await demandUnknown(UploadID(using: &random), in: app, of: registry, SampleBlob("x"))
        },
        Rule("Many uploads at the same time do not mix, also of the same bytes") { registry in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<40 {
                    group.addTask {
                        // Two of a kind each.
                        let blob = SampleBlob(count: 20_000, seed: UInt64(200 + number / 2))
                        let repository = number % 4 < 2 ? try app : try other
                        let id = try await registry.startUpload(in: repository, algorithm: .sha256).id
                        for start in stride(from: 0, to: 20_000, by: 5000) {
                            let chunk = blob.body(start..<start + 5000)
                            _ = try await registry.append(chunk, to: id, at: Int64(start), in: repository)
                        }
                        _ = try await registry.finishUpload(
                            id,
                            appending: nil,
                            at: nil,
                            expecting: blob.name,
                            in: repository
                        )
                        try await registry.demandWhole(blob, in: repository)
                    }
                }
                try await group.waitForAll()
            }
        },
    ]

    /// Throws unless an upload is unknown, whatever is wanted of it.
    private static func demandUnknown(
        _ id: UploadID,
        in repository: RepositoryName,
        of registry: any Registry,
        _ blob: SampleBlob
    ) async throws {
        try await demandRefusal(.uploadUnknown, "the status") { _ = try await registry.upload(id, in: repository) }
        try await demandRefusal(.uploadUnknown, "an append") {
            _ = try await registry.append(blob.body(), to: id, at: 0, in: repository)
        }
        try await demandRefusal(.uploadUnknown, "a finish") {
            let body = blob.body()
            _ = try await registry.finishUpload(id, appending: body, at: nil, expecting: blob.name, in: repository)
        }
        try await demandRefusal(.uploadUnknown, "a cancellation") {
            try await registry.cancelUpload(id, in: repository)
        }
    }
}
