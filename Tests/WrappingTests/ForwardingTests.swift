import OCI
import RegistryContract
import RegistryTesting
import Synchronization
import Testing

@Suite("What a registry does that forwards")
struct ForwardingTests {
    /// Has everything in one repository of another registry.
    private struct Elsewhere: ForwardingRegistry {
        let base: any Registry

        func destination(of repository: RepositoryName) throws -> (registry: any Registry, name: RepositoryName) {
            (base, try Samples.other)
        }

        func repositories(after last: String?, limit: Int) async throws -> Page<RepositoryName> {
            try await base.repositories(after: last, limit: limit)
        }
    }

    /// Notes those calls for which the contract has an answer of its own.
    private final class Noting: ForwardingRegistry {
        private let base = MemoryRegistry()
        private let notes = Mutex<[String]>([])
        var calls: [String] { notes.withLock { $0 } }

        private func note(_ repository: RepositoryName, _ call: String = #function) {
            notes.withLock { $0.append("\(call) \(repository)") }
        }

        func destination(of repository: RepositoryName) throws -> (registry: any Registry, name: RepositoryName) {
            (base, repository)
        }

        func repositories(after last: String?, limit: Int) async throws -> Page<RepositoryName> {
            try await base.repositories(after: last, limit: limit)
        }

        func descriptor(of reference: Reference, in repository: RepositoryName) async throws -> Descriptor {
            note(repository)
            return Descriptor(mediaType: .imageManifest, digest: try SampleBlob("").name, size: 0)
        }

        func blob(
            _ digest: Digest,
            of byteCount: Int64,
            range: Range<Int64>?,
            in repository: RepositoryName
        ) async throws -> BlobContent {
            note(repository)
            return try await base.blob(digest, range: range, in: repository)
        }

        func admitManifest(in repository: RepositoryName) async throws {
            note(repository)
        }

        func startUpload(of blob: Descriptor, in repository: RepositoryName) async throws -> UploadStatus {
            note(repository)
            return try await base.startUpload(in: repository, algorithm: .sha256)
        }

        func leaveUpload(_ id: UploadID, in repository: RepositoryName) async {
            note(repository)
        }
    }

    @Test("Each call is passed on once, to where the repository is", arguments: RegistryCall.allCases)
    func passedOn(call: RegistryCall) async throws {
        let stored = MemoryRegistry()
        try await stored.push(SampleImage(seed: 1, layerSize: 10), to: Samples.other, tags: "1")
        let base = RecordingRegistry(stored)
        let code = await Samples.errorCode { try await call.perform(on: Elsewhere(base: base), in: Samples.app) }
        #expect(base.calls == [call.rawValue])
        let expected: RegistryError.Code? =
            switch call {
            case .upload, .append, .finishUpload, .cancelUpload: .uploadUnknown
            case .deleteBlob: .blobInUse
            default: nil
            }
        #expect(code == expected)
    }

    @Test("What the contract answers by itself where nobody else does is passed on as well")
    func defaults() async throws {
        let noting = Noting()
        let registry: any Registry = Elsewhere(base: noting)
        let (app, blob) = (try Samples.app, SampleBlob("bytes"))
        let descriptor = try await registry.descriptor(of: .digest(blob.name), in: app)
        _ = try? await registry.blob(blob.name, of: 5, range: nil, in: app)
        try await registry.admitManifest(in: app)
        let upload = try await registry.startUpload(of: descriptor, in: app)
        await registry.leaveUpload(upload.id, in: app)
        let names = ["descriptor(of:in:)", "blob(_:of:range:in:)", "admitManifest(in:)", "startUpload(of:in:)"]
        #expect(noting.calls == (names + ["leaveUpload(_:in:)"]).map { "\($0) other/app" })
    }
}
