import Documents
import OCI
import Outgoing
import RegistryContract

extension Examination {
    /// The forms of manifests, the newest first; the last two no tool of today takes.
    private static let accepted = [
        MediaType.imageIndex, .imageManifest, .dockerManifestList, .dockerManifest, .artifactManifest,
        .dockerManifestSchema1Signed, .dockerManifestSchema1,
    ].map(\.description).joined(separator: ", ")

    /// The manifest, and where there are several the one for the platform.
    mutating func lookAtManifest() async -> Finding {
        guard let image else { return Finding(.manifest, .notReached, "There is no image.") }
        var answer: Answer
        do {
            answer = try await askForManifest(image.reference.description)
            if answer.status == 401, authorization == nil, challenge == nil {
                // Open at /v2/, and not here.
                let asked = adopt(answer, at: .manifest)
                guard asked.state == .good else { return asked }
                var entry = await lookAtToken()
                guard entry.state == .good else {
                    entry.step = .manifest
                    return entry
                }
                answer = try await askForManifest(image.reference.description)
            }
        } catch {
            return failure(.manifest, error)
        }
        pulled = answer
        guard answer.status == 200 else { return await lookAtMissing(answer, image) }
        let type = answer.headers["Content-Type"].flatMap { MediaType($0) }
        if [MediaType.dockerManifestSchema1, .dockerManifestSchema1Signed].contains(type) {
            return failure(.manifest, "old-manifest", "\(image) is there in schema 1, which tools no longer take.")
        }
        let read: Manifest
        do throws(Manifest.ParseError) {
            read = try Manifest(parsing: answer.bytes, contentType: type)
        } catch {
            let shown = type.map { "\($0)" } ?? "without a type"
            return failure(.manifest, "old-manifest", "\(image) is there (\(shown)), and is no manifest: \(error).")
        }
        guard case .index = read.kind else {
            manifest = read
            return Finding(.manifest, .good, "\(image) is there: \(Self.described(read)).")
        }
        return await lookAtPlatforms(read, image)
    }

    private func askForManifest(_ reference: String) async throws -> Answer {
        guard let image else { throw OutgoingError(.requestInvalid, "There is no image.") }
        return try await ask(try url("/v2/\(image.repository)/manifests/\(reference)"), ["Accept": Self.accepted])
    }

    private static func described(_ manifest: Manifest) -> String {
        let size = manifest.layers.reduce(Int64(0)) { $0 + $1.size }
        let count = manifest.layers.count
        return "\(count) layer\(count == 1 ? "" : "s") of \(size / 1_000_000) MB in all"
    }

    /// Looks for the platform in an index.
    private mutating func lookAtPlatforms(_ index: Manifest, _ image: ImageReference) async -> Finding {
        let wanted = configuration.platform
        // Attestations stand there as images for no machine.
        let known = index.manifests.compactMap(\.platform).filter { $0.os != "unknown" }
        let fitting = index.manifests.compactMap { entry in
            entry.platform.flatMap { wanted.distance(to: $0) }.map { (entry, $0) }
        }
        guard let best = fitting.min(by: { $0.1 < $1.1 })?.0 else {
            let list = known.map(\.description).joined(separator: ", ")
            guard !known.isEmpty else {
                return Finding(.manifest, .good, "\(image) is there: an index of \(index.manifests.count) manifests.")
            }
            return failure(.manifest, "platform-missing", "\(image) is there for \(list), and not for \(wanted).")
        }
        do {
            let answer = try await askForManifest(best.digest.description)
            pulled = answer
            guard answer.status == 200 else { return await lookAtMissing(answer, image) }
            let type = answer.headers["Content-Type"].flatMap { MediaType($0) }
            let read = try Manifest(parsing: answer.bytes, contentType: type)
            manifest = read
            return Finding(.manifest, .good, "\(image) is there for \(wanted): \(Self.described(read)).")
        } catch {
            return failure(.manifest, error)
        }
    }

    /// Finds out which part of the name it is, or who, where the manifest is refused.
    private mutating func lookAtMissing(_ answer: Answer, _ image: ImageReference) async -> Finding {
        let said = "\(image.registry) answers \(answer.status) when asked for \(image)"
        if let finding = lookAtRefusal(answer, .manifest, said) { return finding }
        let code = Self.errorCode(in: answer)
        let saying = code.map { " (\($0))" } ?? ""
        switch answer.status {
        case 401 where login == nil: return failure(.manifest, "login-missing", "\(said)\(saying), without a login.")
        case 401, 403: return failure(.manifest, "denied", "\(said)\(saying).")
        case 404 where answer.isPage: return failure(.manifest, "not-a-registry", "\(said), with a page for people.")
        case 404: break
        default: return failure(.manifest, "server-error", "\(said)\(saying).")
        }
        guard code != "NAME_UNKNOWN", let tags = await tags(of: image) else {
            return failure(
                .manifest,
                "repository-unknown",
                "\(image.registry) has no repository \(image.repository)\(saying)."
            )
        }
        let wanted = image.digest?.description ?? (image.tag ?? ImageReference.latest).description
        subject.nearest = NearestNames.of(wanted, among: tags)
        let count = tags.isEmpty ? "no tags at all" : "\(tags.count) others"
        let like = subject.nearest.isEmpty ? "" : "; like it are \(subject.nearest.joined(separator: ", "))"
        return failure(.manifest, "tag-unknown", "\(image.repository) has no \(wanted), but \(count)\(like).")
    }

    /// The code of the first error (distribution specification, "Error Codes").
    private static func errorCode(in answer: Answer) -> String? {
        guard case .array(let errors)? = (try? JSONValue(json: answer.bytes))?["errors"],
            case .string(let code)? = errors.first?["code"]
        else { return nil }
        return printable(code.prefix(64))
    }

    /// The first page of the tags; nil where there is no such repository.
    private func tags(of image: ImageReference) async -> [String]? {
        guard let answer = try? await ask(try url("/v2/\(image.repository)/tags/list?n=1000")), answer.status == 200,
            let value = try? JSONValue(json: answer.bytes)
        else { return nil }
        guard case .array(let tags)? = value["tags"] else { return [] }
        return tags.compactMap { tag in
            guard case .string(let text) = tag, (try? Tag(text)) != nil else { return nil }
            return text
        }
    }
}
