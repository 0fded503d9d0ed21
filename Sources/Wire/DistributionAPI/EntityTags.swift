import NIOHTTP1
import OCI
import RegistryContract

/// Conditional requests (RFC 9110 section 13); an entity's tag is its digest in quotes.
///
/// Nothing here has a date of modification, so that the conditions on dates are passed over. Compared as bytes: text
/// from a client may hold long runs of combining marks, which take String quadratic time.
enum EntityTags {
    /// Whether the client that asks for content has it already.
    ///
    /// `If-Match` goes before `If-None-Match` (section 13.2.2). Throws `conditionFailed` when it does not hold.
    static func isNotModified(_ headers: HTTPHeaders, _ digest: Digest) throws -> Bool {
        if let wanted = List(headers, "if-match"), !wanted.contains(digest, isWeakEnough: false) {
            throw RegistryError(.conditionFailed, "what is here is \(digest), and the request's If-Match has another")
        }
        return List(headers, "if-none-match")?.contains(digest, isWeakEnough: true) ?? false
    }

    /// Refuses to change content under its digest unless the conditions hold.
    static func demand(_ headers: HTTPHeaders, _ digest: Digest) throws {
        if try isNotModified(headers, digest) {
            throw RegistryError(.conditionFailed, "the request's If-None-Match has \(digest), which is what is here")
        }
    }

    /// Whether a range is of what the client thinks; without the header it is.
    static func rangeApplies(_ headers: HTTPHeaders, _ digest: Digest) -> Bool {
        guard let text = headers.first(name: "if-range") else { return true }
        return text.utf8.elementsEqual("\"\(digest)\"".utf8)
    }

    /// What a push or deletion wants to hold of its tags: `If-Match: "digest"`, or `If-None-Match: *` for a tag that is
    /// new.
    static func condition(_ headers: HTTPHeaders) throws -> TagCondition {
        var condition = TagCondition.none
        if let list = List(headers, "if-match") {
            let targets = list.digests(isWeakEnough: false)
            guard list.isAny || !targets.isEmpty else {
                throw RegistryError(.conditionFailed, "If-Match must be the digest, in quotes, that the tag points to")
            }
            condition = list.isAny ? .present : .oneOf(targets)
        }
        if let list = List(headers, "if-none-match") {
            condition = condition.and(list.isAny ? .absent : .noneOf(list.digests(isWeakEnough: true)))
        }
        return condition
    }

    /// The value of `If-Match` or `If-None-Match`: `*`, or tags with commas between them.
    ///
    /// A tag without quotes is taken as one with them, since clients forget them.
    private struct List {
        private(set) var isAny = false
        private var tags: [(opaque: Substring.UTF8View, isWeak: Bool)] = []

        /// Nil when there is no such header.
        init?(_ headers: HTTPHeaders, _ name: String) {
            let values = headers[name]
            guard !values.isEmpty else { return nil }
            for value in values { read(value.utf8[...]) }
            isAny =
                values.count == 1 && tags.count == 1 && tags[0].opaque.elementsEqual("*".utf8)
                && !values[0].utf8.contains(UInt8(ascii: "\""))
        }

        /// What a tag holds may have commas, so the text is read tag by tag.
        private mutating func read(_ text: Substring.UTF8View) {
            var rest = text.drop(while: Self.isBetween)
            while !rest.isEmpty {
                let isWeak = rest.starts(with: "W/\"".utf8)
                let quoted = isWeak ? rest.dropFirst(2) : rest
                let inside = quoted.dropFirst()
                if quoted.first == UInt8(ascii: "\""), let end = inside.firstIndex(of: UInt8(ascii: "\"")) {
                    tags.append((inside[..<end], isWeak))
                    rest = inside[inside.index(after: end)...]
                } else {
                    let bare = rest.prefix { !Self.isBetween($0) }
                    tags.append((bare, false))
                    rest = rest[bare.endIndex...]
                }
                rest = rest.drop(while: Self.isBetween)
            }
        }

        /// Whether the digest is among them, by the weak or the strong comparison (section 8.8.3.2).
        func contains(_ digest: Digest, isWeakEnough: Bool) -> Bool {
            isAny || tags.contains { (isWeakEnough || !$0.isWeak) && $0.opaque.elementsEqual(digest.description.utf8) }
        }

        /// Those that are digests; others are no tag's of anything here.
        func digests(isWeakEnough: Bool) -> Set<Digest?> {
            Set(tags.filter { isWeakEnough || !$0.isWeak }.compactMap { try? Digest(Substring($0.opaque)) })
        }

        private static func isBetween(_ byte: UInt8) -> Bool {
            byte == UInt8(ascii: ",") || byte == 0x20 || byte == 0x09
        }
    }
}
