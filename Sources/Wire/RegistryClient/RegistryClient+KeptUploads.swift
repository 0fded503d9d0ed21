public import OCI
import Outgoing
public import RegistryContract

/// Uploads that outlive this program.
extension RegistryClient {
    /// A smaller blob is sent again as fast as it is asked about, in bytes.
    private static let keptByteCountMin: Int64 = 1 << 20
    /// How often a registry is asked in vain about an upload that is remembered.
    private static let looksMax = 3

    /// Begins an upload of a blob, or goes on with one that an earlier program has left and the registry still knows.
    public func startUpload(of blob: Descriptor, in repository: RepositoryName) async throws -> UploadStatus {
        guard let memory = configuration.uploadMemory, blob.size >= Self.keptByteCountMin else {
            return try await startUpload(in: repository, algorithm: blob.digest.algorithm)
        }
        let target = try await target()
        let name = UploadName(registry: "\(target)", repository: repository, digest: blob.digest)
        let status: UploadStatus
        do {
            if let place = await memory.place(of: name) {
                switch try await finding(place, at: target, name, blob) {
                case .standing(let status): return status
                case .gone: await memory.forget(name)
                case .unknown: break
                }
            }
            status = try await startUpload(in: repository, algorithm: blob.digest.algorithm)
        } catch {
            // It is for a later try, of this program or of another.
            await memory.release(name)
            throw error
        }
        uploads.update(status.id) { $0.name = name }
        await keep(status.id, in: repository)
        return status
    }

    /// What has become of an upload that was remembered.
    private enum Finding {
        /// It can be gone on with.
        case standing(UploadStatus)
        /// It is none of this registry, or not of this blob, or has ended.
        case gone
        /// The registry does not say; it stays remembered until another is begun in its place.
        case unknown
    }

    /// Looks at an upload at a place that was remembered.
    ///
    /// - Throws: what passes, such as a lost connection; not again and again, since the registry may be well but for
    ///   this upload.
    private func finding(
        _ place: String,
        at target: OutgoingTarget,
        _ name: UploadName,
        _ blob: Descriptor
    ) async throws -> Finding {
        guard let url = try? OutgoingURL(place), url.target == target else { return .gone }
        var entry = UploadTable.Entry(repository: name.repository, location: url, offset: 0, chunkByteCountMin: 0)
        // An upload of one byte is not worth a doubt.
        (entry.isOffsetSure, entry.name) = (false, name)
        let id = uploads.insert(entry)
        do {
            let status = try await upload(id, in: name.repository)
            uploads.looked(for: name)
            if (1...blob.size).contains(status.offset) { return .standing(status) }
            uploads.remove(id)
            return .gone
        } catch {
            uploads.remove(id)
            guard let refusal = error as? RegistryError else { throw error }
            switch refusal.code {
            case .uploadUnknown: return .gone
            case .unavailable, .tooManyRequests:
                guard uploads.lookedInVain(for: name) >= Self.looksMax else { throw error }
                return .unknown
            default: return .unknown
            }
        }
    }

    /// Leaves an upload to whoever comes next.
    public func leaveUpload(_ id: UploadID, in repository: RepositoryName) async {
        guard uploads.entry(id, in: repository) != nil, let name = uploads.remove(id)?.name else { return }
        await configuration.uploadMemory?.release(name)
    }

    /// Remembers where an upload goes on, if it is to be remembered.
    func keep(_ id: UploadID, in repository: RepositoryName) async {
        guard let memory = configuration.uploadMemory, let entry = uploads.entry(id, in: repository),
            let name = entry.name
        else { return }
        // What goes on at another host is not taken up: whoever wrote the file would choose where blobs are sent.
        guard "\(entry.location.target)" == name.registry else { return await memory.forget(name) }
        await memory.keep("\(entry.location.target)\(entry.location.pathAndQuery)", of: name)
    }

    /// An upload has ended.
    func end(_ id: UploadID) async {
        guard let name = uploads.remove(id)?.name else { return }
        await configuration.uploadMemory?.forget(name)
    }
}
