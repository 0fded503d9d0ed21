import DistributionGrammar
import NIOCore
public import OCI
import Outgoing
public import RegistryContract

/// Uploads: beginning them, asking how far they have come, giving them up.
///
/// `Location` may name another host, as Docker and others allow: what is sent there has no credentials, and never goes
/// from TLS into the clear.
extension RegistryClient {
    /// Begins an upload, under a name that is made here.
    public func startUpload(
        in repository: RepositoryName,
        algorithm: Digest.Algorithm
    ) async throws -> UploadStatus {
        let start = UploadStart(algorithm: algorithm == .sha256 ? nil : algorithm)
        let response = try await answer(startCall(start, repository), [202])
        await drain(response)
        let id = uploads.insert(try entry(response, repository))
        return UploadStatus(id: id, offset: 0)
    }

    /// Makes a blob of one repository readable in another, where the registry can.
    ///
    /// From ``RegistryContract/MountSource/any(where:)`` the registry chooses a source by its own rules: the closure
    /// cannot be sent to it.
    public func mountBlob(
        _ digest: Digest,
        from source: MountSource,
        into repository: RepositoryName
    ) async throws -> Bool {
        var start = UploadStart(mount: digest)
        if case .repository(let name) = source { start.source = name }
        var call = startCall(start, repository)
        if let source = start.source, source != repository { call.scopes.append(.repository(source, "pull")) }
        call.deed = "mount"
        call.thing = "the blob \(digest) into \(repository)"
        call.digest = digest
        let response: OutgoingResponse
        do {
            response = try await exchange(call)
        } catch let error as RegistryError where error.code == .unauthorized || error.code == .denied {
            // Who may not read there may still push; whoever may not push either is told so then.
            return false
        }
        switch response.status {
        case 201:
            await drain(response)
            repositories.note(repository, isKnown: true)
            return true
        case 202:
            await drain(response)
            // An upload was begun in place of the mount, and nobody will end it.
            if let entry = try? entry(response, repository) { await giveUp(entry, repository) }
            return false
        case 400, 401, 403, 404, 405:
            await drain(response)
            return false
        default: throw await refusal(response, to: call)
        }
    }

    /// How far an upload has come, as the registry says it.
    public func upload(_ id: UploadID, in repository: RepositoryName) async throws -> UploadStatus {
        let entry = try known(id, repository)
        let call = uploadCall(.get, entry, "ask about")
        let response = try await exchange(call)
        switch response.status {
        case 200, 204:
            await drain(response)
            if !entry.isOffsetSure, Self.isTrusting(response) { throw await abandoned(id, entry) }
            let field = response.headers["Range"]
            let offset = UploadOffset.value(field, isOneLikely: entry.offset > 0) ?? 0
            try await note(response, offset, id)
            return UploadStatus(id: id, offset: offset + entry.carryByteCount)
        case 405, 501:
            // Not every registry can be asked; what it has said last is known.
            await drain(response)
            guard entry.isOffsetSure else { throw await abandoned(id, entry) }
            return UploadStatus(id: id, offset: entry.offset + entry.carryByteCount)
        default: throw await ended(id, await refusal(response, to: call))
        }
    }

    /// Ends an upload and has what it brought dropped.
    public func cancelUpload(_ id: UploadID, in repository: RepositoryName) async throws {
        let entry = try known(id, repository)
        let call = uploadCall(.delete, entry, "cancel")
        let response = try await exchange(call)
        switch response.status {
        case 200, 202, 204, 405, 501:
            // A registry that cannot be told drops it after a while.
            await drain(response)
            await end(id)
        default: throw await ended(id, await refusal(response, to: call))
        }
    }

    // MARK: Parts

    private func startCall(_ start: UploadStart, _ repository: RepositoryName) -> Call {
        let path = DistributionRequest.startUpload(repository, start).target
        let scope = AccessScope.repository(repository, "pull", "push")
        var call = Call(.post, .path(path), scopes: [scope], "push", "a blob to \(repository)")
        call.repository = repository
        return call
    }

    func uploadCall(_ method: OutgoingMethod, _ entry: UploadTable.Entry, _ deed: String) -> Call {
        let repository = entry.repository
        let scope = AccessScope.repository(repository, "pull", "push")
        var call = Call(method, .url(entry.location), scopes: [scope], deed, "an upload to \(repository)")
        call.repository = repository
        call.missing = .uploadUnknown
        return call
    }

    /// The upload of that name.
    func known(_ id: UploadID, _ repository: RepositoryName) throws -> UploadTable.Entry {
        guard let entry = uploads.entry(id, in: repository) else {
            throw RegistryError(
                .uploadUnknown,
                "This upload to \(repository) has ended, or was never begun: begin again."
            )
        }
        return entry
    }

    private func entry(_ response: OutgoingResponse, _ repository: RepositoryName) throws -> UploadTable.Entry {
        guard let location = try location(response) else {
            throw RegistryError(.unavailable, "\(host) begins an upload and does not say where. Ask its operator.")
        }
        let least = response.headers["OCI-Chunk-Min-Length"].flatMap { Int64($0) } ?? 0
        return UploadTable.Entry(
            repository: repository,
            location: location,
            offset: 0,
            chunkByteCountMin: min(max(0, least), Self.carryByteCountMax),
            checksOnlyAppended: Self.isTrusting(response)
        )
    }

    /// Whether an answer is one of pulp-container (2.30), which is known by this field.
    ///
    /// It takes what has come of a blob in one request for the whole when the connection ends, whatever the digest;
    /// what was appended it compares. Of bytes that are appended it counts those announced, and not those that came.
    private static func isTrusting(_ response: OutgoingResponse) -> Bool {
        response.headers["X-Registry-Supports-Signatures"] != nil
    }

    /// Where the next request of an upload goes; nil when the answer does not say.
    private func location(_ response: OutgoingResponse) throws -> OutgoingURL? {
        guard let text = response.headers["Location"] else { return nil }
        let url: OutgoingURL
        do {
            url = try response.url.resolving(text)
        } catch {
            throw RegistryError(
                .unavailable,
                "\(host) sends an upload to where it cannot go: \(error). Ask its operator.",
                underlying: error
            )
        }
        if case .http = url.target, response.url.target.isSecure {
            throw RegistryError(
                .unavailable,
                "\(host) sends an upload from https to http, where anybody can read along and change it. Its operator "
                    + "should have the proxy in front of it say X-Forwarded-Proto: https."
            )
        }
        return url
    }

    /// An answer has said how far an upload is, and where it goes on.
    func note(_ response: OutgoingResponse, _ offset: Int64, _ id: UploadID) async throws {
        let location = try location(response)
        var moved: RepositoryName?
        uploads.update(id) { entry in
            if let location, location != entry.location { moved = entry.repository }
            entry.offset = offset
            entry.isOffsetSure = true
            if let location { entry.location = location }
        }
        if let moved { await keep(id, in: moved) }
    }

    /// An error after which an upload is no more, if it is one of those.
    func ended(_ id: UploadID, _ error: any Error) async -> any Error {
        if let error = error as? RegistryError, error.code == .uploadUnknown || error.code == .storageFull {
            await end(id)
        }
        return error
    }

    /// Gives up an upload of which nobody knows how far it is.
    private func abandoned(_ id: UploadID, _ entry: UploadTable.Entry) async -> RegistryError {
        await giveUp(entry, entry.repository)
        await end(id)
        return RegistryError(.uploadUnknown, "\(host) does not know how much of an upload came: begin again.")
    }

    private func giveUp(_ entry: UploadTable.Entry, _ repository: RepositoryName) async {
        guard let response = try? await exchange(uploadCall(.delete, entry, "cancel")) else { return }
        await drain(response)
    }
}
