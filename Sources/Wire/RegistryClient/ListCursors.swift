import Outgoing
import Synchronization

/// Where lists go on that were left in the midst.
///
/// Registries may lead to the next page by a word of their own, so that the last element alone does not do; and those
/// that list in an order of their own are read whole once, and kept while their pages are asked for.
final class ListCursors: Sendable {
    /// A place in a list.
    struct Place: Hashable, Sendable {
        /// Which list.
        var list: String
        /// The element after which it goes on.
        var last: String
    }

    /// More are not kept.
    private static let countMax = 256

    private struct Kept {
        var links: [Place: OutgoingURL] = [:]
        var wholes: [String: any Sendable] = [:]
    }

    private let kept = Mutex(Kept())

    func link(_ place: Place) -> OutgoingURL? {
        kept.withLock { $0.links[place] }
    }

    func keep(_ link: OutgoingURL, at place: Place) {
        kept.withLock { kept in
            if kept.links.count >= Self.countMax { kept.links = [:] }
            kept.links[place] = link
        }
    }

    /// A whole list, in order.
    func whole<Element: Sendable>(_ list: String, of type: Element.Type) -> [Element]? {
        kept.withLock { $0.wholes[list] } as? [Element]
    }

    /// Keeps a whole list; nil when its end was given.
    func keep<Element: Sendable>(whole elements: [Element]?, of list: String) {
        kept.withLock { kept in
            if kept.wholes.count >= 4 { kept.wholes = [:] }
            kept.wholes[list] = elements
        }
    }
}
