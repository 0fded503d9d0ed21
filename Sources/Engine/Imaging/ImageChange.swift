import OCI

/// What is to be changed of an image, or of each image of an index.
public struct ImageChange: Sendable {
    /// Changes of the config.
    public var config = ConfigChange()
    /// Changes of the annotations of the manifest.
    public var annotations = TextChanges()
    /// Layers that are laid on top, the lowest first.
    public var layers: [LayerDraft] = []

    /// Changes nothing.
    public init() {}
}

extension ImageDraft {
    /// Adds an image as it is after a change; the very manifest where nothing changes.
    ///
    /// What the config and the manifest say besides stays. Docker's kind of manifest becomes OCI's where it could not
    /// say what is asked for: annotations, and layers in Zstandard.
    mutating func add(_ image: Image, changedBy change: ImageChange) throws(ImagingError) -> Descriptor {
        var config = image.config
        try change.config.apply(to: &config)
        for layer in change.layers { config.append(layer: layer.diffID, made: layer.history) }
        var text = try ManifestText(editing: image.manifest.bytes, contentType: image.manifest.manifest.mediaType)
        let before = text
        if !change.annotations.isEmpty || change.layers.contains(where: { $0.compression == .zstd }) {
            text.becomeOCI()
        }
        text.annotate(change.annotations)
        let mediaType = text.mediaType
        text.append(
            layers: change.layers.map { layer in
                var descriptor = add(
                    file: layer.file,
                    digest: layer.digest,
                    mediaType: layer.compression.mediaType(in: mediaType)
                )
                descriptor.annotations = layer.annotations
                return descriptor
            }
        )
        return try add(config, in: text, of: image, unless: before)
    }

    /// Adds a config and the manifest that is to name it, unless neither is another than before.
    mutating func add(
        _ config: ImageConfig,
        in text: ManifestText,
        of image: Image,
        unless before: ManifestText
    ) throws(ImagingError) -> Descriptor {
        var text = text
        if config != image.config { text.setConfig(add(blob: config.bytes, mediaType: nil)) }
        guard text != before else {
            setRoot(image.manifest.descriptor)
            return image.manifest.descriptor
        }
        var descriptor = try add(text)
        if config.platform != image.config.platform { descriptor.platform = config.platform }
        return descriptor
    }
}
