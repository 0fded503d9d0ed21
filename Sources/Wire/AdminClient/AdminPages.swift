import AdminModel
import Outgoing

/// The items of a list, one after the other, asked for by the page.
///
/// Errors are of type ``AdminFailure``.
public struct AdminPages<Item: Codable & Hashable & Sendable>: AsyncSequence, Sendable {
    /// An item.
    public typealias Element = Item

    /// How many items are asked for at once.
    static var pageItemCount: Int { 200 }

    let client: AdminClient
    let call: AdminClient.Call
    /// The key that the first page begins behind; nil for the beginning.
    var start: String?

    /// Goes through the items.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private let client: AdminClient
        private let call: AdminClient.Call
        private var items: ArraySlice<Item> = []
        private var after: String?
        private var isAtEnd = false
        /// A search may look through much of which nothing fits, a page at a time.
        private var emptyCount = 0
        private static var emptyCountMax: Int { 10_000 }

        fileprivate init(_ pages: AdminPages) {
            client = pages.client
            call = pages.call
            after = pages.start
        }

        /// The next item; nil at the end.
        public mutating func next() async throws -> Item? {
            while items.isEmpty, !isAtEnd {
                var call = call
                call.query += [("limit", "\(AdminPages.pageItemCount)"), ("after", after)]
                let page: Page<Item> = try await client.value(call)
                // A server that never ends would be asked for ever.
                guard page.next == nil || page.next != after, emptyCount < Self.emptyCountMax else {
                    throw AdminFailure(.notUnderstood, "A page of the list leads to itself.")
                }
                emptyCount = page.items.isEmpty ? emptyCount + 1 : 0
                (items, after, isAtEnd) = (page.items[...], page.next, page.next == nil)
            }
            return items.popFirst()
        }
    }

    /// Begins at the first item.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(self)
    }

    /// All items.
    public func all() async throws -> [Item] {
        var items: [Item] = []
        for try await item in self { items.append(item) }
        return items
    }
}

extension AdminClient {
    func pages<Item>(_ path: String, query: [(name: String, value: String?)] = []) -> AdminPages<Item> {
        AdminPages(client: self, call: Call(.get, [path], query: query))
    }
}
