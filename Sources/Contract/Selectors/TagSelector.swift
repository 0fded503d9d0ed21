public import OCI

/// Which tags of a repository are meant.
///
/// Never those that stand for a list of referrers or a signature of cosign's (`sha256-…`): they follow the manifest
/// that they are about.
public struct TagSelector: Hashable, Sendable {
    /// What makes a tag newer than another.
    public enum Order: String, Hashable, Sendable, CaseIterable {
        /// The higher version; tags that are none are not meant.
        case version
        /// The name, byte by byte.
        case name
    }

    /// The newest so many.
    public struct Newest: Hashable, Sendable {
        /// How many.
        public var count: Int
        /// What makes a tag newer than another.
        public var order: Order

        /// The newest so many.
        public init(_ count: Int, by order: Order = .version) {
            self.count = count
            self.order = order
        }
    }

    /// What their names must be.
    public var names: NameSelector
    /// How many of those that match are meant; all when nil.
    public var newest: Newest?

    /// Makes a selector; all tags by default.
    public init(names: NameSelector = NameSelector(), newest: Newest? = nil) {
        self.names = names
        self.newest = newest
    }

    /// Whether a tag may be meant, whatever others there are.
    public func covers(_ tag: Tag) -> Bool {
        !Self.isReferrerTag(tag) && names.matches(tag.description)
    }

    /// The tags that are meant, in the order of the list.
    public func selected(from tags: [Tag]) -> [Tag] {
        let covered = tags.filter(covers)
        guard let newest else { return covered }
        let chosen = Set(Self.sorted(covered, by: newest.order).suffix(max(0, newest.count)))
        return covered.filter(chosen.contains)
    }

    /// Tags from the oldest to the newest; by version only those that are one.
    public static func sorted(_ tags: [Tag], by order: Order) -> [Tag] {
        switch order {
        case .name: tags.sorted()
        case .version:
            tags.compactMap { tag in SemanticVersion(tag: tag.description).map { (tag: tag, version: $0) } }
                .sorted { ($0.version, $0.tag) < ($1.version, $1.tag) }
                .map(\.tag)
        }
    }

    /// Whether a tag stands for what refers to a manifest: `sha256-<digits>`, with or without an ending such as `.sig`.
    public static func isReferrerTag(_ tag: Tag) -> Bool {
        let text = tag.description
        return Digest.Algorithm.allCases.contains { algorithm in
            let prefix = algorithm.rawValue + "-"
            guard text.hasPrefix(prefix) else { return false }
            let rest = text.utf8.dropFirst(prefix.utf8.count)
            let digits = rest.prefix { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
            // A SHA-512 is longer than a tag may be, and cut.
            let isWhole = digits.count == algorithm.byteCount * 2 || text.utf8.count == Tag.byteCountMax
            return isWhole && (digits.count == rest.count || rest.dropFirst(digits.count).first == UInt8(ascii: "."))
        }
    }
}
