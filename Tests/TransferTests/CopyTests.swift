import OCI
import RegistryContract
import RegistryTesting
import Synchronization
import Testing
import Transfer

@Suite("A copy of an image")
struct CopyTests {
    private let source = HookedRegistry(MemoryRegistry())
    private let target = HookedRegistry(MemoryRegistry())
    private let image = Samples.Layered(
        [SampleBlob(count: 5000, seed: 1), SampleBlob(count: 70_000, seed: 2), SampleBlob("")],
        name: "one"
    )

    @Test func `brings the manifest and its blobs, and moves the tags in one step`() async throws {
        try await image.push(to: source, Samples.app, tags: "1.0")
        let observer = RecordingObserver()
        let transfer = try Samples.transfer(from: source, to: target, observer: observer)
        let report = try await transfer.copy(Samples.reference("1.0"), tags: [Samples.tag("1.0"), Samples.tag("new")])
        try await image.demandWhole(target, as: "1.0", in: Samples.copy)
        try await image.demandWhole(target, as: "new", in: Samples.copy)
        #expect(target.calls.filter { $0.name == "putManifest" }.map(\.subject) == ["1.0,new"])
        #expect(report.root.digest.description == image.manifest.digest)
        #expect(report.copied.count == 4)
        #expect(report.sentByteCount == report.copied.byteCount)
        #expect(report.copied.byteCount == Int64(75_000 + image.config.bytes.count))
        #expect(report.pushed.count == 1)
        let record = observer.record
        #expect(record.planned.count == 4)
        #expect(record.finished.values.allSatisfy { $0 == .copied } && record.finishedCount == 4)
        for blob in image.layers + [image.config] {
            #expect(record.advanced[try blob.name] ?? 0 == Int64(blob.bytes.count))
        }
        #expect(record.pushed == [[try Samples.tag("1.0"), try Samples.tag("new")]])
        #expect(target.openUploads.isEmpty)
    }

    @Test func `asks each side one question when all is there`() async throws {
        try await image.push(to: source, Samples.app, tags: "1.0")
        try await Samples.transfer(from: source, to: target).copy(Samples.reference("1.0"), tags: [Samples.tag("1.0")])
        source.forget()
        target.forget()
        let transfer = try Samples.transfer(from: source, to: target)
        let report = try await transfer.copy(Samples.reference("1.0"), tags: [Samples.tag("1.0")])
        #expect(source.callNames == ["descriptor"])
        #expect(target.callNames == ["descriptor"])
        #expect(report.isUnchanged)
        #expect(report.root.digest.description == image.manifest.digest)
    }

    @Test func `of a digest that is there asks only the target`() async throws {
        try await image.push(to: source, Samples.app)
        let reference = Reference.digest(try image.manifest.name)
        try await Samples.transfer(from: source, to: target).copy(reference, tags: [Samples.tag("1.0")])
        source.forget()
        target.forget()
        _ = try await Samples.transfer(from: source, to: target).copy(reference, tags: [Samples.tag("1.0")])
        #expect(source.callNames.isEmpty)
        #expect(target.callNames == ["descriptor"])
    }

    @Test func `by digest without a tag makes none`() async throws {
        try await image.push(to: source, Samples.app, tags: "1.0")
        let reference = Reference.digest(try image.manifest.name)
        try await Samples.transfer(from: source, to: target).copy(reference)
        try await image.demandWhole(target, as: image.manifest.digest, in: Samples.copy)
        #expect(try await target.allTags(in: Samples.copy) == [])
        let again = try await Samples.transfer(from: source, to: target).copy(reference)
        #expect(again.isUnchanged)
    }

    @Test func `under another tag moves only the tag`() async throws {
        try await image.push(to: source, Samples.app, tags: "1.0")
        let transfer = { try Samples.transfer(from: source, to: target) }
        try await transfer().copy(Samples.reference("1.0"), tags: [Samples.tag("1.0")])
        target.forget()
        let report = try await transfer().copy(
            Samples.reference("1.0"),
            tags: [Samples.tag("1.0"), Samples.tag("2.0")]
        )
        #expect(target.callNames.sorted() == ["descriptor", "descriptor", "putManifest"])
        #expect(target.calls.last?.subject == "2.0")
        #expect(report.copied.count == 0)
        try await image.demandWhole(target, as: "2.0", in: Samples.copy)
    }

    @Test func `sends only blobs that are not there`() async throws {
        try await image.push(to: source, Samples.app, tags: "1.0")
        try await target.push(image.layers[1], to: Samples.copy)
        let transfer = try Samples.transfer(from: source, to: target)
        let report = try await transfer.copy(Samples.reference("1.0"), tags: [Samples.tag("1.0")])
        #expect(report.skipped.count == 1 && report.skipped.byteCount == 70_000)
        #expect(report.copied.count == 3)
    }

    @Test func `looks at every blob again when it is forced`() async throws {
        try await image.push(to: source, Samples.app, tags: "1.0")
        try await Samples.transfer(from: source, to: target).copy(Samples.reference("1.0"), tags: [Samples.tag("1.0")])
        target.forget()
        var options = TransferOptions()
        options.force = true
        let transfer = try Samples.transfer(from: source, to: target, options: options)
        let report = try await transfer.copy(Samples.reference("1.0"), tags: [Samples.tag("1.0")])
        #expect(target.callNames.count { $0 == "blobByteCount" } == 4)
        #expect(target.callNames.last == "putManifest")
        #expect(report.skipped.count == 4 && report.copied.count == 0)
    }

    @Test func `mounts blobs within one registry`() async throws {
        try await image.push(to: source, Samples.app, tags: "1.0")
        let from = Samples.place(source, try Samples.app, "one.test")
        let to = Samples.place(source, try Samples.copy, "one.test")
        let report = try await Transfer(from: from, to: to).copy(Samples.reference("1.0"), tags: [Samples.tag("1.0")])
        #expect(report.mounted.count == 4 && report.copied.count == 0 && report.sentByteCount == 0)
        try await image.demandWhole(source, as: "1.0", in: Samples.copy)
    }

    @Test func `mounts blobs from repositories that were named`() async throws {
        try await image.push(to: source, Samples.app, tags: "1.0")
        let (none, other) = (try RepositoryName("no/such"), try RepositoryName("other/app"))
        try await target.push(image.layers[0], to: other)
        var options = TransferOptions()
        options.mountSources = [none, other]
        let transfer = try Samples.transfer(from: source, to: target, options: options)
        let report = try await transfer.copy(Samples.reference("1.0"), tags: [Samples.tag("1.0")])
        #expect(report.mounted.count == 1 && report.copied.count == 3)
    }

    @Test func `sends the bytes where a registry does not mount`() async throws {
        try await image.push(to: source, Samples.app, tags: "1.0")
        let strict = HookedRegistry(
            source,
            before: { call, _ in
                if call.name == "mountBlob" { throw RegistryError(.unsupported, "mounting is not done here") }
            }
        )
        let from = Samples.place(source, try Samples.app, "one.test")
        let to = Samples.place(strict, try Samples.copy, "one.test")
        let report = try await Transfer(from: from, to: to).copy(Samples.reference("1.0"), tags: [Samples.tag("1.0")])
        #expect(report.copied.count == 4)
    }

    @Test func `sends a blob once that several images share, also at the same time`() async throws {
        let shared = SampleBlob(count: 100_000, seed: 9)
        let images = (0..<6).map { Samples.Layered([shared, SampleBlob(count: 50, seed: 100 + $0)], name: "\($0)") }
        for (number, image) in images.enumerated() { try await image.push(to: source, Samples.app, tags: "v\(number)") }
        let observer = RecordingObserver()
        let transfer = try Samples.transfer(from: source, to: target, observer: observer)
        let total = try await withThrowingTaskGroup(of: TransferReport.self) { group in
            for number in 0..<6 {
                group.addTask {
                    let tag = try Samples.tag("v\(number)")
                    return try await transfer.copy(.tag(tag), tags: [tag])
                }
            }
            return try await group.reduce(into: TransferReport.Tally()) { total, report in
                total.count += report.copied.count
                total.byteCount += report.sentByteCount
            }
        }
        #expect(total.count == 1 + 6 + 6)
        #expect(source.calls.count { $0.name == "blob" && $0.subject == shared.digest } == 1)
        for (number, image) in images.enumerated() {
            try await image.demandWhole(target, as: "v\(number)", in: Samples.copy)
        }
    }

    @Test func `mounts what the same session has brought to another repository`() async throws {
        try await image.push(to: source, Samples.app, tags: "1.0")
        let session = TransferSession()
        try await Samples.transfer(from: source, to: target, session: session)
            .copy(Samples.reference("1.0"), tags: [Samples.tag("1.0")])
        var second = try Samples.transfer(from: source, to: target, session: session)
        second.target.repository = try RepositoryName("mirror/second")
        let report = try await second.copy(Samples.reference("1.0"), tags: [Samples.tag("1.0")])
        #expect(report.mounted.count == 4 && report.copied.count == 0)
    }

    @Test func `moves at most so many blobs at once`() async throws {
        let wide = Samples.Layered((0..<30).map { SampleBlob(count: 2000, seed: 500 + $0) }, name: "wide")
        try await wide.push(to: source, Samples.app, tags: "1.0")
        let session = TransferSession(blobsInParallelMax: 3)
        let transfer = try Samples.transfer(from: source, to: target, session: session)
        let report = try await transfer.copy(Samples.reference("1.0"), tags: [Samples.tag("1.0")])
        #expect(report.copied.count == 31)
        #expect((1...3).contains(target.bodiesAtOnce))
    }

    @Test func `leaves out layers that may not be handed on, unless they are asked for`() async throws {
        let free = SampleBlob(count: 100, seed: 3)
        let bound = SampleBlob(count: 200, seed: 4)
        let type = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"
        let manifest = SampleManifest.image(
            config: image.config.descriptor("application/vnd.oci.image.config.v1+json"),
            layers: [
                free.descriptor("application/vnd.oci.image.layer.v1.tar+gzip"),
                bound.descriptor(type, extra: #","urls":["https://example.com/layer"]"#),
            ]
        )
        for blob in [free, bound, image.config] { try await source.push(blob, to: Samples.app) }
        try await source.push(manifest, to: Samples.app, tags: "1.0")
        let without = try await Samples.transfer(from: source, to: target)
            .copy(Samples.reference("1.0"), tags: [Samples.tag("1.0")])
        #expect(without.leftOut.count == 1 && without.copied.count == 2)
        await #expect(throws: RegistryError(.blobUnknown, "")) {
            try await target.blobByteCount(bound.name, in: Samples.copy)
        }
        var options = TransferOptions()
        options.copiesNonDistributable = true
        options.force = true
        let with = try await Samples.transfer(from: source, to: target, options: options)
            .copy(Samples.reference("1.0"), tags: [Samples.tag("1.0")])
        #expect(with.copied.count == 1 && with.leftOut.count == 0)
        try await target.demandWhole(bound, in: Samples.copy)
    }

    @Test func `fails where the target, and not the source, knows nothing of a layer that lies elsewhere as well`()
        async throws
    {
        let layer = SampleBlob(count: 200, seed: 4)
        let manifest = SampleManifest.image(
            config: image.config.descriptor("application/vnd.oci.image.config.v1+json"),
            layers: [
                layer.descriptor(
                    "application/vnd.oci.image.layer.v1.tar+gzip",
                    extra: #","urls":["https://example.com/layer"]"#
                )
            ]
        )
        for blob in [layer, image.config] { try await source.push(blob, to: Samples.app) }
        try await source.push(manifest, to: Samples.app, tags: "1.0")
        let forgetful = HookedRegistry(
            target,
            before: { call, _ in
                guard call.name == "finishUpload", call.subject == layer.digest else { return }
                throw RegistryError(.blobUnknown, "what?")
            }
        )
        let error = try await #require(throws: TransferError.self) {
            _ = try await Samples.transfer(from: source, to: forgetful)
                .copy(Samples.reference("1.0"), tags: [Samples.tag("1.0")])
        }
        #expect(error.side == .writing && error.code == .blobUnknown)
    }

    @Test func `of what does not exist says where and what`() async throws {
        try await image.push(to: source, Samples.app, tags: "1.0")
        let transfer = try Samples.transfer(from: source, to: target)
        let error = try await #require(throws: TransferError.self) {
            try await transfer.copy(Samples.reference("2.0"), tags: [Samples.tag("2.0")])
        }
        #expect(error.side == .reading && error.code == .manifestUnknown)
        #expect(
            error.description
                == "copying source.test/team/app:2.0 failed when reading manifest 2.0 from source.test/team/app: "
                + "no such tag"
        )
    }

    @Test func `goes on where the caller may push and not look`() async throws {
        try await image.push(to: source, Samples.app, tags: "1.0")
        let blind = HookedRegistry(
            target,
            before: { call, _ in
                if ["descriptor", "blobByteCount"].contains(call.name) { throw RegistryError(.denied, "no") }
            }
        )
        let report = try await Samples.transfer(from: source, to: blind)
            .copy(Samples.reference("1.0"), tags: [Samples.tag("1.0")])
        #expect(report.copied.count == 4)
        try await image.demandWhole(target, as: "1.0", in: Samples.copy)
    }

    @Test func `sends what a target only said to have`() async throws {
        try await image.push(to: source, Samples.app, tags: "1.0")
        let sizes = try Dictionary(
            (image.layers + [image.config]).map { (try $0.name, Int64($0.bytes.count)) },
            uniquingKeysWith: { first, _ in first }
        )
        let boasting = HookedRegistry(target, sizing: { sizes[$0] })
        let report = try await Samples.transfer(from: source, to: boasting)
            .copy(Samples.reference("1.0"), tags: [Samples.tag("1.0")])
        try await image.demandWhole(target, as: "1.0", in: Samples.copy)
        #expect(report.copied.count == 4 && report.skipped == TransferReport.Tally())
        #expect(report.copied.byteCount == Int64(75_000 + image.config.bytes.count))
        #expect(boasting.openUploads.isEmpty)
    }

    @Test func `tells of a blob that the target keeps with other bytes, and pushes no image on it`() async throws {
        try await image.push(to: source, Samples.app, tags: "1.0")
        let broken = try image.layers[1].name
        let loose = HookedRegistry(target, sizing: { $0 == broken ? 40_000 : nil })
        let error = try await #require(throws: TransferError.self) {
            _ = try await Samples.transfer(from: source, to: loose)
                .copy(Samples.reference("1.0"), tags: [Samples.tag("1.0")])
        }
        #expect(error.side == .writing && error.code == .sizeInvalid)
        #expect(error.description.contains("\(broken)") && error.description.contains("40000 bytes"))
        // It was sent before it was given up: a registry may put things right.
        #expect(loose.calls.contains { $0.name == "finishUpload" && $0.subject == broken.description })
        #expect(!loose.callNames.contains("putManifest"))
    }
}
