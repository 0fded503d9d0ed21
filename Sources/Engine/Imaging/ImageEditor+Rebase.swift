import OCI
import Transfer

extension ImageEditor {
    /// Puts the layers of a newer base image in place of those of the one that an image was built on.
    ///
    /// What the image adds stays as it is, and is not built again: whether it fits the new base nobody checks.
    ///
    /// - Parameters:
    ///   - reference: the image or index.
    ///   - old: the base that it was built on.
    ///   - new: the base that it is to stand on.
    ///   - platforms: which images of an index are meant; all when empty.
    /// - Returns: what came of it.
    /// - Throws: `requestInvalid` when the image does not stand on the old base; what the registries refuse.
    public func rebased(
        _ reference: Reference,
        from old: (place: Place, reference: Reference),
        onto new: (place: Place, reference: Reference),
        platforms: [Platform] = []
    ) async throws -> ImageDraft {
        try await edited(reference, platforms: platforms) { image, draft in
            let below = try await ImageReader(old.place).image(old.reference, platform: image.platform)
            let instead = try await ImageReader(new.place).image(new.reference, platform: image.platform)
            return try draft.add(image, standingOn: below, movedTo: instead, in: new.place)
        }
    }
}

extension ImageDraft {
    fileprivate mutating func add(
        _ image: Image,
        standingOn old: Image,
        movedTo new: Image,
        in place: Place
    ) throws(ImagingError) -> Descriptor {
        let own = image.config.document.member("history")?.items ?? []
        let below = old.config.document.member("history")?.items ?? []
        guard image.layers.map(\.digest).starts(with: old.layers.map(\.digest)), own.starts(with: below) else {
            throw ImagingError(
                .requestInvalid,
                "\(image.manifest.digest) does not stand on the old base \(old.manifest.digest): its lowest layers, or"
                    + " their history, are others. Name the very base that it was built on, by digest."
            )
        }
        guard new.config.diffIDs.count == new.layers.count, image.config.diffIDs.count == image.layers.count else {
            throw ImagingError(.documentInvalid, "The config and the manifest do not name equally many layers.")
        }
        var text = try ManifestText(editing: image.manifest.bytes, contentType: image.manifest.manifest.mediaType)
        let before = text
        var config = image.config
        text.replaceLowestLayers(old.layers.count, with: new.layers)
        config.replaceLayers(
            diffIDs: new.config.diffIDs + image.config.diffIDs.dropFirst(old.layers.count),
            history: (new.config.document.member("history")?.items ?? []) + own.dropFirst(below.count)
        )
        for layer in new.layers { borrow(layer.digest, from: place) }
        return try add(config, in: text, of: image, unless: before)
    }
}
