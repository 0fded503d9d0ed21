import DistributionGrammar
import Logging
import NIOCore
public import OCI
import Outgoing
public import RegistryContract

/// Taking content away, as far as a registry lets anybody.
extension RegistryClient: RegistryDeleter {
    private static let done: Set<Int> = [200, 202, 204]
    /// No registry is waited for any longer that deletes later.
    static let deletionTimeMax = Duration.seconds(20)
    /// The first and the longest wait between two looks.
    private static let deletionWaits = (first: Duration.milliseconds(50), longest: Duration.seconds(1))

    /// Takes a manifest out of a repository, with the tags that point to it, and out of the fallback index of its
    /// subject where it stands in one.
    ///
    /// A registry may only have noted it (`202 Accepted`): pulp-container leaves it to another process. What is asked
    /// or pushed next must not meet what is on its way out, so that is waited for.
    public func deleteManifest(_ digest: Digest, in repository: RepositoryName) async throws {
        let call = deletion(
            .deleteManifest(.digest(digest), repository),
            repository,
            "the manifest \(repository)@\(digest)"
        )
        let subject = await subject(of: digest, in: repository)
        let status = try await delete(call, or: "\(host) does not delete manifests: its operator has to allow it.")
        repositories.note(repository, isKnown: true)
        if status == 202 { try await waitUntilGone(digest, in: repository) }
        guard let subject else { return }
        do {
            try await removeReferrer(digest, from: subject, in: repository)
        } catch {
            configuration.log.warning(
                "a deleted manifest is still in the fallback index of its subject",
                metadata: ["manifest": "\(digest)", "subject": "\(subject)", "error": "\(error)"]
            )
        }
    }

    /// Takes a tag away; the manifest and its other tags stay.
    ///
    /// Errors: `unsupported` where the registry deletes only whole manifests.
    public func deleteTag(_ tag: Tag, if condition: TagCondition, in repository: RepositoryName) async throws {
        var call = deletion(.deleteManifest(.tag(tag), repository), repository, "the tag \(repository):\(tag)")
        call.headers = try await fields(of: condition, on: [tag], in: repository)
        call.isRepeatable = condition == .none
        _ = try await delete(
            call,
            or: "\(host) cannot delete a tag alone, only a whole manifest with all its tags: name it by its digest."
        )
    }

    /// Takes a blob out of a repository.
    public func deleteBlob(_ digest: Digest, in repository: RepositoryName) async throws {
        var call = deletion(.deleteBlob(digest, repository), repository, "the blob \(digest) of \(repository)")
        call.missing = .blobUnknown
        call.digest = digest
        _ = try await delete(call, or: "\(host) does not delete blobs: its operator has to allow it.")
    }

    /// Deletes, and gives the status of the answer; `sentence` is for a registry that does not do this at all.
    ///
    /// What is gone when a deletion is sent again was deleted by the time before, whose answer was lost.
    private func delete(_ call: Call, or sentence: String) async throws -> Int {
        var mayBeDone = false
        let response = try await exchange(call, mayBeDone: &mayBeDone)
        guard !Self.done.contains(response.status) else {
            await drain(response)
            return response.status
        }
        let error = await notDone(response, call, sentence)
        guard mayBeDone, response.status == 404, (error as? RegistryError)?.code == call.missing else { throw error }
        return response.status
    }

    private func waitUntilGone(_ digest: Digest, in repository: RepositoryName) async throws {
        guard deletions.pace == .unsure else { return }
        let deadline = configuration.time.now() + Self.deletionTimeMax
        var wait: Duration?
        while true {
            do {
                _ = try await descriptor(of: .digest(digest), in: repository)
            } catch let error as RegistryError {
                switch error.code {
                case .manifestUnknown, .nameUnknown:
                    if wait == nil { deletions.pace = .prompt }
                    return
                case .unauthorized, .denied:
                    // Who may delete need not be one who may read.
                    return
                case .unavailable, .tooManyRequests, .digestMismatch, .manifestInvalid, .manifestTooLarge:
                    // It may be there as well as not.
                    break
                default: throw error
                }
            }
            let next = wait.map { min($0 * 2, Self.deletionWaits.longest) } ?? Self.deletionWaits.first
            guard configuration.time.now() + next < deadline else {
                deletions.pace = .endless
                configuration.log.warning(
                    "a manifest that the registry has agreed to delete was not seen to go",
                    metadata: ["manifest": "\(digest)", "repository": "\(repository)"]
                )
                return
            }
            try await configuration.time.sleep(next)
            wait = next
        }
    }

    /// What a manifest refers to; nil also where it cannot be read.
    private func subject(of digest: Digest, in repository: RepositoryName) async -> Digest? {
        guard let stored = try? await manifest(.digest(digest), in: repository) else { return nil }
        let bytes = Array(stored.bytes.readableBytesView)
        return (try? Manifest(parsing: bytes, contentType: stored.mediaType))?.subject?.digest
    }

    private func deletion(_ request: DistributionRequest, _ repository: RepositoryName, _ thing: String) -> Call {
        var call = Call(.delete, .path(request.target), scopes: [.repository(repository, "delete")], "delete", thing)
        call.repository = repository
        call.missing = .manifestUnknown
        return call
    }

    /// The error of a deletion, with a sentence of its own where the registry does not do this at all.
    private func notDone(_ response: OutgoingResponse, _ call: Call, _ sentence: String) async -> any Error {
        let error = await refusal(response, to: call)
        guard let refused = error as? RegistryError else { return error }
        let isUnknown = [400, 404, 405, 501].contains(response.status)
        guard isUnknown, refused.code == .unsupported || refused.code == .digestMismatch else { return refused }
        return RegistryError(.unsupported, sentence, underlying: refused)
    }
}
