import DistributionGrammar
import Outgoing
import RegistryContract

/// A list of a registry, as it is asked for and read.
struct RemoteList<Element: Sendable>: Sendable {
    /// Which list, with what it is filtered by.
    var name: String
    /// The request for a page.
    var call: @Sendable (ListQuery) -> Call
    /// What a page has in it.
    var elements: @Sendable ([UInt8], OutgoingResponse) throws -> [Element]
    /// What the list is ordered by, bytewise.
    var key: @Sendable (Element) -> String
    /// Whether an element is wanted, where the registry may not have looked.
    var isWanted: @Sendable (Element) -> Bool = { _ in true }
    /// Whether only the whole list can be put in order.
    var isReadWhole = false
}

/// Lists in pages, whatever pages a registry makes of them.
///
/// The contract's pages are bytewise in order and go on after a key. A registry that keeps to that is asked for one
/// page at a time; one that has an order of its own is read whole, and the list put in order here.
extension RegistryClient {
    /// The longest page that is read, in bytes: its texts take several times as much memory.
    private static let pageByteCountMax = 16 << 20
    /// No list is followed further than so many pages.
    private static let pageCountMax = 10_000
    /// No list is read further than so many elements.
    private static let elementCountMax = 5_000_000
    /// So many pages may have nothing in them.
    private static let emptyPageCountMax = 16
    /// How many elements are asked for at once at most: registries refuse more (`PAGINATION_NUMBER_INVALID`).
    private static let pageElementCountMax = 1000

    private struct RemotePage<Element: Sendable> {
        var elements: [Element]
        var next: OutgoingURL?
    }

    /// Elements after a key, at most `limit` of them.
    func page<Element: Sendable>(
        of list: RemoteList<Element>,
        after last: String?,
        limit: Int
    ) async throws -> Page<Element> {
        let last = last.flatMap { $0.isEmpty ? nil : $0 }
        guard limit > 0 else {
            let one = try await page(of: list, after: last, limit: 1)
            return Page([], hasMore: !one.elements.isEmpty)
        }
        if let last, let whole = cursors.whole(list.name, of: Element.self) {
            return slice(whole, of: list, after: last, limit)
        }
        var call = list.call(ListQuery(count: min(limit, Self.pageElementCountMax), last: last))
        if let last, let link = cursors.link(.init(list: list.name, last: last)) { call.place = .url(link) }
        var previous: OutgoingURL?
        var emptyCount = 0
        for _ in 0..<Self.pageCountMax {
            let found = try await remotePage(call, list, previous)
            let isFirst = last == nil && previous == nil
            guard isOrdered(found.elements, after: last, by: list.key),
                !(list.isReadWhole && isFirst && found.next != nil)
            else { return slice(try await whole(list, from: found, call, last), of: list, after: last, limit) }
            let wanted = found.elements.filter(list.isWanted)
            guard wanted.isEmpty, let next = found.next else {
                return page(wanted, in: found, of: list, limit)
            }
            emptyCount += found.elements.isEmpty ? 1 : 0
            guard emptyCount <= Self.emptyPageCountMax else { throw endless(call) }
            previous = found.next
            call.place = .url(next)
        }
        throw endless(call)
    }

    private func page<Element: Sendable>(
        _ wanted: [Element],
        in found: RemotePage<Element>,
        of list: RemoteList<Element>,
        _ limit: Int
    ) -> Page<Element> {
        if let next = found.next, wanted.count <= limit, let last = wanted.last {
            // What was not wanted at the end of a page is passed over with it.
            cursors.keep(next, at: .init(list: list.name, last: list.key(last)))
        }
        return Page(Array(wanted.prefix(limit)), hasMore: wanted.count > limit || found.next != nil)
    }

    private func slice<Element: Sendable>(
        _ whole: [Element],
        of list: RemoteList<Element>,
        after last: String?,
        _ limit: Int
    ) -> Page<Element> {
        let rest = whole.drop { element in
            last.map { !$0.utf8.lexicographicallyPrecedes(list.key(element).utf8) } ?? false
        }
        let page = Page(Array(rest.prefix(limit)), hasMore: rest.count > limit)
        cursors.keep(whole: page.hasMore ? whole : nil, of: list.name)
        return page
    }

    /// All of a list, in order and each element once.
    private func whole<Element: Sendable>(
        _ list: RemoteList<Element>,
        from first: RemotePage<Element>,
        _ call: Call,
        _ last: String?
    ) async throws -> [Element] {
        var (call, found) = (call, first)
        if last != nil {
            call = list.call(ListQuery(count: Self.pageElementCountMax))
            found = try await remotePage(call, list, nil)
        }
        var known: Set<String> = []
        var elements = found.elements.filter { known.insert(list.key($0)).inserted }
        var pageCount = 1
        while let next = found.next {
            guard pageCount < Self.pageCountMax, elements.count < Self.elementCountMax else { throw endless(call) }
            let previous = call
            call.place = .url(next)
            found = try await remotePage(call, list, next)
            let new = found.elements.filter { known.insert(list.key($0)).inserted }
            guard !new.isEmpty || found.next == nil else { throw endless(previous) }
            elements += new
            pageCount += 1
        }
        let wanted = elements.filter(list.isWanted)
        return wanted.sorted { list.key($0).utf8.lexicographicallyPrecedes(list.key($1).utf8) }
    }

    /// A page, and where the next one is; that must be at the same server, and not where this one was.
    private func remotePage<Element: Sendable>(
        _ call: Call,
        _ list: RemoteList<Element>,
        _ here: OutgoingURL?
    ) async throws -> RemotePage<Element> {
        let (response, bytes) = try await whole(call, [200], upTo: Self.pageByteCountMax)
        let elements: [Element]
        do {
            elements = try list.elements(bytes, response)
        } catch {
            throw RegistryError(
                .unavailable,
                "The answer of \(host) cannot be read, when asked to \(call.purpose): \(error). Look whether it is a "
                    + "registry.",
                underlying: error
            )
        }
        guard let text = LinkField.next(response.headers.values("Link")) else { return RemotePage(elements: elements) }
        guard let next = try? response.url.resolving(text), next.target == response.url.target else {
            throw RegistryError(
                .unavailable,
                "\(host) leads to another server for the next page, when asked to \(call.purpose). That is not "
                    + "followed: ask its operator."
            )
        }
        guard next != here, next != response.url else { throw endless(call) }
        return RemotePage(elements: elements, next: next)
    }

    private func isOrdered<Element>(_ elements: [Element], after last: String?, by key: (Element) -> String) -> Bool {
        var previous = last
        for element in elements {
            let own = key(element)
            if let previous, !previous.utf8.lexicographicallyPrecedes(own.utf8) { return false }
            previous = own
        }
        return true
    }

    private func endless(_ call: Call) -> RegistryError {
        RegistryError(
            .unavailable,
            "The pages of \(host) do not come to an end, when asked to \(call.purpose): a page leads to itself, or "
                + "there are too many. Ask its operator."
        )
    }
}
