import Documents
import OCI

/// One step of how an image was made (image specification, config.md, `history`).
public struct HistoryStep: Hashable, Sendable {
    /// When it was done, in RFC 3339.
    public var created: String?
    /// The command that did it.
    public var createdBy: String?
    /// Who did it.
    public var author: String?
    /// What was said of it.
    public var comment: String?
    /// Whether it made no layer.
    public var isEmptyLayer: Bool

    /// Describes a step.
    public init(
        created: String? = nil,
        createdBy: String? = nil,
        author: String? = nil,
        comment: String? = nil,
        isEmptyLayer: Bool = false
    ) {
        self.created = created
        self.createdBy = createdBy
        self.author = author
        self.comment = comment
        self.isEmptyLayer = isEmptyLayer
    }

    /// Reads a step that was checked.
    init(_ document: JSONValue) {
        created = document.member("created")?.text
        createdBy = document.member("created_by")?.text
        author = document.member("author")?.text
        comment = document.member("comment")?.text
        isEmptyLayer = document.member("empty_layer") == .bool(true)
    }

    /// The step in JSON, without what it does not say.
    var document: JSONValue {
        var members: [JSONValue.Member] = []
        let texts = [
            ("created", created), ("created_by", createdBy), ("author", author), ("comment", comment),
        ]
        for (name, text) in texts {
            if let text { members.append(.init(name, .string(text))) }
        }
        if isEmptyLayer { members.append(.init("empty_layer", .bool(true))) }
        return .object(members)
    }
}

/// A step of an image's history with the layer that it made.
public struct ImageStep: Hashable, Sendable {
    /// What the config says of the step; nil for a layer that the history does not name.
    public var history: HistoryStep?
    /// The layer that it made, if it made one.
    public var layer: Descriptor?
    /// The digest of that layer's tar archive, without compression.
    public var diffID: Digest?

    /// Joins steps with the layers of an image, from the first to the last.
    ///
    /// A history need not fit its layers: what is left over on either side stands by itself.
    static func joined(_ history: [HistoryStep], layers: [Descriptor], diffIDs: [Digest]) -> [ImageStep] {
        var rest = layers.enumerated().map { index, layer in
            (layer: layer, diffID: index < diffIDs.count ? diffIDs[index] : nil)
        }[...]
        var steps = history.map { step in
            let made = step.isEmptyLayer ? nil : rest.popFirst()
            return ImageStep(history: step, layer: made?.layer, diffID: made?.diffID)
        }
        steps += rest.map { ImageStep(history: nil, layer: $0.layer, diffID: $0.diffID) }
        return steps
    }
}
