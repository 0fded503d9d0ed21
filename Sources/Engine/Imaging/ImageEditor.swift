import OCI
import RegistryContract
import Transfer

/// Makes changed images of those of a place.
///
/// Nothing is written to the place. Of an index each image is changed, and a new index is made of them; what BuildKit
/// attested of an image that changed is left out, for it would speak of another image.
public struct ImageEditor: Sendable {
    /// Which documents annotations belong to.
    public enum AnnotationScope: String, Sendable, CaseIterable {
        /// What the reference names: an index, or a manifest.
        case root
        /// Each manifest that an index names, or the manifest itself.
        case children
        /// Both.
        case all
    }

    /// Where the images are.
    public let place: Place
    private let reader: ImageReader

    /// Changes images of a place.
    public init(_ place: Place) {
        self.place = place
        reader = ImageReader(place)
    }

    /// Changes an image, or the images of an index.
    ///
    /// - Parameters:
    ///   - reference: the image or index.
    ///   - change: what is to change.
    ///   - platforms: which images of an index are meant; all when empty.
    /// - Returns: what came of it.
    /// - Throws: `notAnImage`, `platformUnknown`, `requestInvalid`, what the registry refuses.
    public func changed(
        _ reference: Reference,
        by change: ImageChange,
        platforms: [Platform] = []
    ) async throws -> ImageDraft {
        try await edited(reference, platforms: platforms) { image, draft throws(ImagingError) in
            try draft.add(image, changedBy: change)
        }
    }

    /// Changes the annotations of a manifest or index of any kind.
    ///
    /// - Parameters:
    ///   - reference: an image, index or artifact.
    ///   - changes: what is to change.
    ///   - scope: whose annotations.
    /// - Returns: what came of it.
    /// - Throws: what the registry refuses.
    public func annotated(
        _ reference: Reference,
        by changes: TextChanges,
        scope: AnnotationScope = .root
    ) async throws -> ImageDraft {
        let root = try await reader.manifest(reference)
        var draft = try ImageDraft(base: place, root: root.descriptor)
        var text = try ManifestText(editing: root.bytes, contentType: root.manifest.mediaType)
        let before = text
        let isIndex = root.manifest.kind == .index
        if isIndex, scope != .root {
            var replacements: [Digest: Descriptor?] = [:]
            for child in root.manifest.manifests where !child.isAttestation {
                let manifest = try await reader.manifest(.digest(child.digest))
                var childText = try ManifestText(editing: manifest.bytes, contentType: manifest.manifest.mediaType)
                let childBefore = childText
                childText.becomeOCI()
                childText.annotate(changes)
                if childText != childBefore { replacements[child.digest] = try draft.add(childText) }
            }
            dropAttestations(of: root.manifest, replaced: &replacements)
            text.replaceChildren(replacements)
        }
        if !isIndex || scope != .children {
            text.becomeOCI()
            text.annotate(changes)
        }
        if text == before { draft.setRoot(root.descriptor) } else { try draft.add(text) }
        return draft
    }

    // MARK: - Walking

    /// Adds a changed image to a draft, and says what an index is to name in its place.
    typealias Edit = (Image, inout ImageDraft) async throws -> Descriptor

    /// What came of an image, or of each image of an index that is meant, by `edit`.
    func edited(_ reference: Reference, platforms: [Platform], _ edit: Edit) async throws -> ImageDraft {
        let root = try await reader.manifest(reference)
        var draft = try ImageDraft(base: place, root: root.descriptor)
        var walk = Walk(platforms: platforms, root: root)
        guard let descriptor = try await edited(root, as: nil, depth: 0, &walk, &draft, edit) else {
            throw walk.nothingMeant(in: place)
        }
        draft.setRoot(descriptor)
        return draft
    }

    /// What one change of an index knows on its way.
    private struct Walk {
        let platforms: [Platform]
        let root: ReadManifest
        var known: [Platform] = []

        func includes(_ platform: Platform?) -> Bool {
            platforms.isEmpty || platform.map { its in platforms.contains { $0.distance(to: its) == 0 } } ?? false
        }

        func nothingMeant(in place: Place) -> ImagingError {
            guard !known.isEmpty else {
                return ImagingError(.notAnImage, "\(root.digest) in \(place.repository) is no image that can be run.")
            }
            let wanted = platforms.map(\.description).joined(separator: ", ")
            let list = known.map(\.description).joined(separator: ", ")
            return ImagingError(
                .platformUnknown,
                "There is no image for \(wanted) in \(place.repository); there is: \(list). Name one of these."
            )
        }
    }

    /// The new descriptor of a manifest, or nil where nothing in it is meant.
    private func edited(
        _ manifest: ReadManifest,
        as descriptor: Descriptor?,
        depth: Int,
        _ walk: inout Walk,
        _ draft: inout ImageDraft,
        _ edit: Edit
    ) async throws -> Descriptor? {
        guard manifest.manifest.kind == .index else {
            guard manifest.manifest.isRunnable else { return nil }
            let image = Image(root: walk.root, manifest: manifest, config: try await reader.config(of: manifest))
            let platform = descriptor?.platform ?? image.config.platform
            if let platform { walk.known.append(platform) }
            return walk.includes(platform) ? try await edit(image, &draft) : nil
        }
        guard depth < ImageReader.nestingMax else { throw ImageReader.tooDeep }
        var replacements: [Digest: Descriptor?] = [:]
        var isMeant = false
        for child in manifest.manifest.manifests where !child.isAttestation && replacements[child.digest] == nil {
            let next = try await reader.manifest(.digest(child.digest))
            let new = try await edited(next, as: child, depth: depth + 1, &walk, &draft, edit)
            guard let new else { continue }
            isMeant = true
            if new.digest != child.digest { replacements[child.digest] = new }
        }
        guard isMeant else { return nil }
        guard !replacements.isEmpty else { return manifest.descriptor }
        dropAttestations(of: manifest.manifest, replaced: &replacements)
        var text = try ManifestText(editing: manifest.bytes, contentType: manifest.manifest.mediaType)
        text.replaceChildren(replacements)
        return try draft.add(text)
    }

    /// Takes out what was attested of children that are replaced.
    private func dropAttestations(of index: Manifest, replaced: inout [Digest: Descriptor?]) {
        for child in index.manifests where child.isAttestation {
            let about = child.annotations.first { $0.name.utf8.elementsEqual("vnd.docker.reference.digest".utf8) }
            guard let about, let digest = try? Digest(about.value), replaced[digest] != nil else { continue }
            replaced[child.digest] = .some(nil)
        }
    }
}
