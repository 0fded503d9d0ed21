import OCI
import RegistryContract
import RegistryTesting
import Testing
import Transfer

@Suite("What refers to an image")
struct ReferrerTests {
    private let source = HookedRegistry(MemoryRegistry())
    private let target = HookedRegistry(MemoryRegistry())
    private let index = Samples.Indexed(["linux/amd64", "linux/arm64"])

    private func copy(referrers: Bool = true, tags: Bool = false) async throws -> TransferReport {
        var options = TransferOptions()
        options.copiesReferrers = referrers
        options.copiesSignatureTags = tags
        return try await Samples.transfer(from: source, to: target, options: options)
            .copy(Samples.reference("1.0"), tags: [Samples.tag("1.0")])
    }

    /// A referrer to the index, one to it, and one to a child.
    private func pushReferrers() async throws -> [SampleManifest] {
        try await index.push(to: source, Samples.app, tags: "1.0")
        try await source.push(SampleBlob.emptyJSON, to: Samples.app)
        let first = SampleManifest.referrer(to: index.manifest.descriptor(), artifactType: "application/x-sbom")
        let second = SampleManifest.referrer(to: first.descriptor(), artifactType: "application/x-signature")
        let third = SampleManifest.referrer(to: index.children[1].image.manifest.descriptor(), note: "child")
        for referrer in [first, second, third] { try await source.push(referrer, to: Samples.app) }
        return [first, second, third]
    }

    @Test func `comes along when it is asked for, to any depth`() async throws {
        let referrers = try await pushReferrers()
        let report = try await copy()
        try await index.demandWhole(target, as: "1.0", in: Samples.copy)
        for referrer in referrers { try await target.demandWhole(referrer, as: referrer.digest, in: Samples.copy) }
        #expect(report.copied.count == 1 + 2 + 2 + 1)
        let puts = target.calls.filter { $0.name == "putManifest" }.map(\.subject)
        #expect(puts.last == "1.0" && puts.dropLast().allSatisfy { $0 == "" })
    }

    @Test func `stays away when it is not asked for`() async throws {
        let referrers = try await pushReferrers()
        _ = try await copy(referrers: false)
        await #expect(throws: RegistryError(.manifestUnknown, "")) {
            try await target.manifest(.digest(referrers[0].name), in: Samples.copy)
        }
        #expect(!source.callNames.contains("referrers"))
    }

    @Test func `comes along for an image that is there already`() async throws {
        try await index.push(to: source, Samples.app, tags: "1.0")
        _ = try await copy(referrers: false)
        let referrers = try await pushReferrers()
        let report = try await copy()
        #expect(report.pushed.count == 3 && report.copied.count == 1)
        for referrer in referrers { try await target.demandWhole(referrer, as: referrer.digest, in: Samples.copy) }
        #expect(try await copy().isUnchanged)
    }

    @Test func `comes along although another copy of the session has brought the image without it`() async throws {
        let referrers = try await pushReferrers()
        let session = TransferSession()
        for (tag, copiesReferrers) in [("plain", false), ("1.0", true)] {
            var options = TransferOptions()
            options.copiesReferrers = copiesReferrers
            _ = try await Samples.transfer(from: source, to: target, options: options, session: session)
                .copy(Samples.reference("1.0"), tags: [Samples.tag(tag)])
        }
        for referrer in referrers { try await target.demandWhole(referrer, as: referrer.digest, in: Samples.copy) }
    }

    @Test func `comes by cosign's tags`() async throws {
        try await index.push(to: source, Samples.app, tags: "1.0")
        let child = index.children[0].image.manifest
        let names = [index.manifest, child].map { $0.digest.replacing(":", with: "-") }
        let signature = Samples.Layered([SampleBlob("signed")], name: "sig")
        let report = Samples.Layered([SampleBlob("attested")], name: "att")
        try await signature.push(to: source, Samples.app, tags: names[0] + ".sig")
        try await report.push(to: source, Samples.app, tags: names[1] + ".att")
        _ = try await copy(referrers: true, tags: false)
        #expect(try await target.allTags(in: Samples.copy) == ["1.0"])
        _ = try await copy(referrers: true, tags: true)
        try await signature.demandWhole(target, as: names[0] + ".sig", in: Samples.copy)
        try await report.demandWhole(target, as: names[1] + ".att", in: Samples.copy)
        #expect(try await copy(referrers: true, tags: true).isUnchanged)
    }

    @Test(.timeLimit(.minutes(1)))
    func `may go round in a circle at a registry that lies`() async throws {
        try await index.push(to: source, Samples.app, tags: "1.0")
        let child = index.children[0].image.manifest
        try await source.push(index.manifest, to: Samples.app, tags: child.digest.replacing(":", with: "-") + ".sig")
        try await source.push(child, to: Samples.app, tags: index.manifest.digest.replacing(":", with: "-") + ".sig")
        try await source.push(child, to: Samples.app, tags: child.digest.replacing(":", with: "-") + ".att")
        _ = try await copy(referrers: true, tags: true)
        try await index.demandWhole(target, as: "1.0", in: Samples.copy)
    }

    @Test func `is not asked for endlessly where a list does not end`() async throws {
        try await index.push(to: source, Samples.app, tags: "1.0")
        let root = try await source.descriptor(of: Samples.reference("1.0"), in: Samples.app)
        let endless = HookedRegistry(source, listing: { _ in Page([root], hasMore: true) })
        var options = TransferOptions()
        options.copiesReferrers = true
        let transfer = try Samples.transfer(from: endless, to: target, options: options)
        _ = try await transfer.copy(Samples.reference("1.0"), tags: [Samples.tag("1.0")])
        try await index.demandWhole(target, as: "1.0", in: Samples.copy)
    }
}
