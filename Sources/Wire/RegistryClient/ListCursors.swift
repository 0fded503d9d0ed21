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
    /// More whole lists are not kept.
    private static let wholeCountMax = 4
    /// A list that nobody goes on with is forgotten after that time: it may have become another.
    private static let lifetime = Duration.seconds(60)

    private struct Kept {
        var links: [Place: (url: OutgoingURL, until: ContinuousClock.Instant)] = [:]
        var wholes: [String: (elements: any Sendable, until: ContinuousClock.Instant)] = [:]
    }

    private let kept = Mutex(Kept())
    private let time: ClientTime

    init(time: ClientTime) {
        self.time = time
    }

    /// Where a list goes on.
    func link(_ place: Place) -> OutgoingURL? {
        let now = time.now()
        return kept.withLock { $0.links[place] }.flatMap { $0.until > now ? $0.url : nil }
    }

    /// Keeps where a list goes on.
    func keep(_ link: OutgoingURL, at place: Place) {
        let until = time.now() + Self.lifetime
        kept.withLock { kept in
            if kept.links.count >= Self.countMax { kept.links = [:] }
            kept.links[place] = (link, until)
        }
    }

    /// A whole list, in order.
    func whole<Element: Sendable>(_ list: String, of type: Element.Type) -> [Element]? {
        let now = time.now()
        return kept.withLock { $0.wholes[list] }.flatMap { $0.until > now ? $0.elements as? [Element] : nil }
    }

    /// Keeps a whole list; nil when its end was given.
    func keep<Element: Sendable>(whole elements: [Element]?, of list: String) {
        let until = time.now() + Self.lifetime
        kept.withLock { kept in
            if kept.wholes.count >= Self.wholeCountMax { kept.wholes = [:] }
            kept.wholes[list] = elements.map { ($0, until) }
        }
    }
}
