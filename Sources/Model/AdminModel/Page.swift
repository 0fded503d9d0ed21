/// A part of a list.
public struct Page<Item: Codable & Hashable & Sendable>: Codable, Hashable, Sendable {
    /// The items, in the order of their keys.
    public var items: [Item]
    /// What to give as `after` for the next part; not given at the end.
    public var next: String?

    /// States the values.
    public init(items: [Item], next: String? = nil) {
        self.items = items
        self.next = next
    }
}

/// The sizes of pages.
public enum PageLimit {
    /// How many items a page has when the caller does not say.
    public static let standard = 100
    /// How many items a page has at most.
    public static let max = 1000
}
