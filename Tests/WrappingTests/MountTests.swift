import Access
import OCI
import RegistryContract
import RegistryTesting
import Testing
import Wrapping

/// Over each of the two registries that there are: what a mount finds is worked out below.
@Suite("Mounting what one may read")
struct MountTests {
    static let blob = SampleBlob("mounted")

    private static func withEach(_ body: (any Registry) async throws -> Void) async throws {
        try await body(MemoryRegistry())
        try await TestStores.with { try await body($0.registry()) }
    }

    @Test("From a repository that one may not read there is nothing to be had, as if it did not exist")
    func unreadable() async throws {
        try await Self.withEach { base in
            try await base.push(Self.blob, to: Samples.other)
            let recording = RecordingRegistry(base)
            let registry = try Samples.registry(over: recording, ("team/**", .all), ("other/**", [.list, .push]))
            for source in [try Samples.other, try RepositoryName("absent")] {
                let isMounted = try await registry.mountBlob(
                    Self.blob.name,
                    from: .repository(source),
                    into: Samples.app
                )
                #expect(!isMounted)
            }
            #expect(recording.calls == [])
            let names = try await base.repositories(after: nil, limit: 10).elements
            #expect(try names == [Samples.other])
        }
    }

    @Test("From a repository that one may read the blob is had")
    func readable() async throws {
        try await Self.withEach { base in
            try await base.push(Self.blob, to: Samples.other)
            let registry = try Samples.registry(over: base, ("team/**", [.push, .pull]), ("other/**", .pull))
            let source = MountSource.repository(try Samples.other)
            #expect(try await registry.mountBlob(Self.blob.name, from: source, into: Samples.app))
            try await registry.demandWhole(Self.blob, in: Samples.app)
        }
    }

    @Test("Any repository is any of those that one may read")
    func any() async throws {
        try await Self.withEach { base in
            let wide = try RepositoryName("wide/app")
            try await base.push(Self.blob, to: Samples.other)
            let registry = try Samples.registry(over: base, ("team/**", .all), ("wide/**", .pull))
            #expect(try await !registry.mountBlob(Self.blob.name, from: .anywhere, into: Samples.app))
            try await base.push(Self.blob, to: wide)
            let onlyOther = MountSource.any { $0 != wide }
            #expect(try await !registry.mountBlob(Self.blob.name, from: onlyOther, into: Samples.app))
            #expect(try await registry.mountBlob(Self.blob.name, from: .anywhere, into: Samples.app))
            try await registry.demandWhole(Self.blob, in: Samples.app)
        }
    }
}
