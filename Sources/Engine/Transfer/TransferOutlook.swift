public import OCI

/// What a copy would do.
public struct TransferOutlook: Sendable, Hashable {
    /// What the tags would point to: another digest than at the source where platforms were chosen.
    public var root: Descriptor
    /// Whether the target has it.
    public var isThere: Bool
    /// The tags that do not point to it yet.
    public var movedTags: [Tag]

    /// Whether nothing would be done to the image and its tags.
    public var isUnchanged: Bool { isThere && movedTags.isEmpty }

    /// An outlook.
    ///
    /// - Parameters:
    ///   - root: What the tags would point to.
    ///   - isThere: Whether the target has it.
    ///   - movedTags: The tags that do not point to it yet.
    public init(root: Descriptor, isThere: Bool, movedTags: [Tag]) {
        self.root = root
        self.isThere = isThere
        self.movedTags = movedTags
    }
}
