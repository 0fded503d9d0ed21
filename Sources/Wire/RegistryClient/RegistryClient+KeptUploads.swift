public import OCI
import Outgoing
public import RegistryContract

/// Uploads that outlive this program.
extension RegistryClient {
    /// A smaller blob is sent again as fast as it is asked about, in bytes.
    private static let keptByteCountMin: Int64 = 1 << 20

    /// Begins an upload of a blob, or goes on with one that an earlier program has left and the registry still knows.
    public func startUpload(of blob: Descriptor, in repository: RepositoryName) async throws -> UploadStatus {
        guard let memory = configuration.uploadMemory, blob.size >= Self.keptByteCountMin else {
            return try await startUpload(in: repository, algorithm: blob.digest.algorithm)
        }
        let target = try await target()
        let name = UploadName(registry: "\(target)", repository: repository, digest: blob.digest)
        if let place = await memory.place(of: name) {
            if let status = try await takenUp(place, at: target, name, blob) { return status }
            await memory.forget(name)
        }
        let status = try await startUpload(in: repository, algorithm: blob.digest.algorithm)
        uploads.update(status.id) { $0.name = name }
        await keep(status.id, in: repository)
        return status
    }

    /// An upload at a place that was remembered; nil when it is none of this registry, or not of this blob.
    private func takenUp(
        _ place: String,
        at target: OutgoingTarget,
        _ name: UploadName,
        _ blob: Descriptor
    ) async throws -> UploadStatus? {
        guard let url = try? OutgoingURL(place), url.target == target else { return nil }
        var entry = UploadTable.Entry(repository: name.repository, location: url, offset: 0, chunkByteCountMin: 0)
        // An upload of one byte is not worth a doubt, and a registry that cannot be asked says nothing.
        (entry.isOffsetSure, entry.name) = (false, name)
        let id = uploads.insert(entry)
        do {
            let status = try await upload(id, in: name.repository)
            if (1...blob.size).contains(status.offset) { return status }
        } catch {
            if error is CancellationError { throw error }
        }
        uploads.remove(id)
        return nil
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
