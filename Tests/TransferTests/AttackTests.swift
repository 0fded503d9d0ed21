import NIOCore
import OCI
import RegistryContract
import RegistryTesting
import Testing
import Transfer

@Suite("A source or a neighbour that attacks")
struct AttackTests {
    private let origin = MemoryRegistry()
    private let target = MemoryRegistry()

    @Test("Sizes whose sum is no number end no program")
    func sizes() async throws {
        let config = SampleBlob(#"{"architecture":"amd64","os":"linux"}"#)
        try await origin.push(config, to: Samples.app)
        let layers = (0..<3).map { number in
            #"{"mediaType":"application/vnd.oci.image.layer.nondistributable.v1.tar+gzip","size":9223372036854775807,"#
                + #""digest":"\#(SampleBlob("foreign \(number)").digest)","urls":["https://example.com/\#(number)"]}"#
        }
        let manifest = SampleManifest.image(
            config: config.descriptor("application/vnd.oci.image.config.v1+json"),
            layers: layers
        )
        _ = try await origin.putManifest(
            manifest.push(tags: [Samples.tag("1")], by: manifest.name),
            in: Samples.app
        )
        let transfer = try Samples.transfer(from: origin, to: target)
        let report = try await transfer.copy(.tag(Samples.tag("1")), tags: [Samples.tag("1")])
        #expect(report.leftOut.count == 3 && report.leftOut.byteCount == .max)
        var sum = report
        sum.add(report)
        #expect(sum.leftOut.byteCount == .max)
    }

    @Test("A tag that somebody else makes while the image moves is not overwritten where it must be new")
    func faster() async throws {
        let (mine, theirs) = (Samples.Layered([SampleBlob("mine")], name: "a"), Samples.Layered([], name: "b"))
        try await mine.push(to: origin, Samples.app, tags: "1")
        let target = target
        let slow = HookedRegistry(
            target,
            before: { call, _ in
                guard call.name == "putManifest" else { return }
                try await theirs.push(to: target, Samples.copy, tags: "1")
            }
        )
        var options = TransferOptions()
        options.tagCondition = .oneOf([nil, try mine.manifest.name])
        let transfer = try Samples.transfer(from: origin, to: slow, options: options)
        await #expect(throws: TransferError.self) {
            try await transfer.copy(.tag(Samples.tag("1")), tags: [Samples.tag("1")])
        }
        try await theirs.demandWhole(target, as: "1", in: Samples.copy)
    }

    @Test("No bytes do not pass for a blob that has some")
    func nothing() async throws {
        let digest = try Digest(SampleBlob("something").digest)
        let stream = VerifiedStream(BytesBody(ByteBuffer()), digest: digest, byteCount: 0)
        await #expect(throws: RegistryError(.digestMismatch, "")) { _ = try await stream.next(upTo: 10) }
        let empty = try Digest(SampleBlob("").digest)
        let whole = VerifiedStream(BytesBody(ByteBuffer()), digest: empty, byteCount: 0)
        #expect(try await whole.next(upTo: 10) == nil)
    }
}
