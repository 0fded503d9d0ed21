import Documents
import Hashing
import NIOCore
import OCI
import Outgoing
import RegistryContract

/// The index of referrers under a tag, for registries that keep no account of them (distribution specification,
/// "Pushing Manifests with Subject" and "Deleting Manifests").
extension RegistryClient {
    /// How often another's change is taken in before giving up.
    private static let attemptCountMax = 5

    /// Puts a manifest into the index of its subject.
    ///
    /// Changes of this client take turns. Of another's change at the same moment one may be lost where the registry
    /// knows no conditions: the specification has no better way.
    func addReferrer(_ referrer: Descriptor, to subject: Digest, in repository: RepositoryName) async throws {
        let name = referrer.digest.description
        try await change(try Self.fallbackTag(of: subject), in: repository) { entries in
            entries.contains { $0.text("digest") == name } ? nil : entries + [Self.json(referrer)]
        }
    }

    /// Takes a manifest out of the index of its subject, where it stands in it.
    func removeReferrer(_ digest: Digest, from subject: Digest, in repository: RepositoryName) async throws {
        let name = digest.description
        try await change(try Self.fallbackTag(of: subject), in: repository) { entries in
            let rest = entries.filter { $0.text("digest") != name }
            return rest.count == entries.count ? nil : rest
        }
    }

    /// Changes the index under a tag in turn; `body` gives the new entries, or nil where nothing changes.
    private func change(
        _ tag: Tag,
        in repository: RepositoryName,
        _ body: ([JSONValue]) -> [JSONValue]?
    ) async throws {
        try await turns.run("\(repository):\(tag)") {
            for attempt in 1... {
                do {
                    return try await self.changeOnce(tag, in: repository, body)
                } catch let error as RegistryError
                    where error.code == .conditionFailed && attempt < Self.attemptCountMax
                {
                    continue
                }
            }
        }
    }

    private func changeOnce(
        _ tag: Tag,
        in repository: RepositoryName,
        _ body: ([JSONValue]) -> [JSONValue]?
    ) async throws {
        var stored: StoredManifest?
        do {
            stored = try await manifest(.tag(tag), in: repository)
        } catch let error as RegistryError where error.code == .manifestUnknown || error.code == .nameUnknown {
            stored = nil
        }
        var members: [JSONValue.Member] = [
            .init("schemaVersion", .number("2")), .init("mediaType", .string(MediaType.imageIndex.description)),
        ]
        var entries: [JSONValue] = []
        if let stored, case .object(let kept)? = try? JSONValue(json: stored.bytes.readableBytesView),
            case .array(let found)? = JSONValue.object(kept)["manifests"]
        {
            // An index with a subject of its own would be put into the index of that one, and so on in a circle.
            (members, entries) = (kept.filter { $0.name != "manifests" && $0.name != "subject" }, found)
        }
        guard let changed = body(entries) else { return }
        members.append(.init("manifests", .array(changed)))
        let push = ManifestPush(
            digest: nil,
            tags: [tag],
            contentType: .imageIndex,
            bytes: JSONValue.object(members).json(),
            condition: stored.map { .pointsTo($0.digest) } ?? .absent
        )
        _ = try await putManifest(push, in: repository)
    }

    private static func json(_ descriptor: Descriptor) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("mediaType", .string((descriptor.mediaType ?? .octetStream).description)),
            .init("digest", .string(descriptor.digest.description)),
            .init("size", .number("\(descriptor.size)")),
        ]
        if let type = descriptor.artifactType { members.append(.init("artifactType", .string(type))) }
        if !descriptor.annotations.isEmpty {
            let annotations = descriptor.annotations.map { JSONValue.Member($0.name, .string($0.value)) }
            members.append(.init("annotations", .object(annotations)))
        }
        return .object(members)
    }
}
