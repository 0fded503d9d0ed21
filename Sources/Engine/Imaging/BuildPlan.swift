import OCI
import RegistryContract
import Transfer

/// An image, or an index of images for several platforms, that is to be made of files of this machine.
///
/// The same plan with the same files gives the same digests on every machine, with the same versions of zlib or
/// libzstd: nothing of the machine, its clock and its users goes into the image.
public struct BuildPlan: Sendable {
    /// What the image for one platform gets.
    public struct ImagePlan: Sendable, Hashable {
        /// What it runs on.
        public var platform: Platform
        /// The files of its layers, the lowest first.
        public var layers: [[FileSource]]

        /// Plans the image for a platform.
        public init(platform: Platform, layers: [[FileSource]]) {
            self.platform = platform
            self.layers = layers
        }
    }

    /// The image that layers are laid on.
    public struct Base: Sendable {
        /// Where it is.
        public var place: Place
        /// What it is called there: an image, or an index that has one for each platform.
        public var reference: Reference

        /// Names a base.
        public init(place: Place, reference: Reference) {
            self.place = place
            self.reference = reference
        }
    }

    /// The images: one, or several for an index.
    ///
    /// No platform stands twice.
    public var images: [ImagePlan]
    /// What the layers are laid on; nil for nothing.
    public var base: Base?
    /// How the images are run.
    public var config = ConfigChange()
    /// Annotations of each manifest, and of the index.
    public var annotations: [NamedText] = []
    /// When they were made, in seconds since 1970: the time of the images and of all files in them.
    public var created: Int64 = 0
    /// How layers are made.
    public var maker = LayerMaker()
    /// Whether an index is made of one image too.
    public var alwaysMakesIndex = false

    /// Plans images.
    ///
    /// - Parameters:
    ///   - images: one, or several for an index.
    ///   - base: what the layers are laid on; nil for nothing.
    public init(_ images: [ImagePlan], base: Base? = nil) {
        self.images = images
        self.base = base
    }

    /// Makes the images.
    ///
    /// - Returns: what came of it; the layers lie in temporary files.
    /// - Throws: `requestInvalid`, `fileUnusable`, `platformUnknown`, what the registry of the base refuses.
    public func draft() async throws -> ImageDraft {
        try check()
        var draft = try ImageDraft(base: base?.place)
        var made: [[FileSource]: LayerDraft] = [:]
        var children: [Descriptor] = []
        for image in images {
            var layers: [LayerDraft] = []
            for sources in image.layers {
                let layer: LayerDraft
                if let known = made[sources] { layer = known } else { layer = try await self.layer(of: sources) }
                made[sources] = layer
                layers.append(layer)
            }
            var child = try await add(image, layers, to: &draft)
            child.platform = image.platform
            children.append(child)
        }
        guard children.count > 1 || alwaysMakesIndex else { return draft }
        try draft.add(ManifestText.index(children: children, annotations: Annotations(annotations)))
        return draft
    }

    private func check() throws(ImagingError) {
        guard !images.isEmpty else { throw ImagingError(.requestInvalid, "There is no platform to build for.") }
        for (index, image) in images.enumerated()
        where images[..<index].contains(where: { $0.platform.normalized == image.platform.normalized }) {
            throw ImagingError(.requestInvalid, "The platform \(image.platform) is named twice.")
        }
        guard (0...Timestamp.secondsMax).contains(created) else {
            throw ImagingError(.requestInvalid, "\(created) seconds since 1970 is no time that an image can have.")
        }
    }

    /// What is common to all, with the time of the plan where no other is asked for.
    private var change: ConfigChange {
        var change = config
        if change.created == .keep { change.created = .set(Timestamp.text(created)) }
        return change
    }

    private func layer(of sources: [FileSource]) async throws -> LayerDraft {
        let targets = sources.map(\.target).joined(separator: " ")
        let history = HistoryStep(created: Timestamp.text(created), createdBy: "wharf build \(targets)")
        return try await maker.layer(of: sources, modified: created, addsParents: base == nil, history: history)
    }

    private func add(
        _ plan: ImagePlan,
        _ layers: [LayerDraft],
        to draft: inout ImageDraft
    ) async throws -> Descriptor {
        if let base {
            let image = try await ImageReader(base.place).image(base.reference, platform: plan.platform)
            guard let its = image.config.platform, plan.platform.distance(to: its) != nil else {
                let its = image.config.platform.map(\.description) ?? "no platform that it names"
                throw ImagingError(
                    .platformUnknown,
                    "The base \(base.reference) in \(base.place.repository) is for \(its), not for \(plan.platform)."
                )
            }
            var change = ImageChange()
            change.config = self.change
            change.annotations = TextChanges(assigned: annotations)
            change.layers = layers
            return try draft.add(image, changedBy: change)
        }
        var config = ImageConfig(platform: plan.platform, created: Timestamp.text(created))
        try change.apply(to: &config)
        for layer in layers { config.append(layer: layer.diffID, made: layer.history) }
        let text = ManifestText.image(
            config: draft.add(blob: config.bytes, mediaType: .imageConfig),
            layers: layers.map { layer in
                let mediaType = layer.compression.mediaType(in: .imageManifest)
                return draft.add(file: layer.file, digest: layer.digest, mediaType: mediaType)
            },
            annotations: Annotations(annotations)
        )
        return try draft.add(text)
    }
}
