/// What a manifest is asked for by: a tag or a digest (distribution specification, `<reference>`).
public enum Reference: Hashable, Sendable {
    /// By a name that may move.
    case tag(Tag)
    /// By content.
    case digest(Digest)

    /// Why a text is neither tag nor digest.
    public enum ParseError: Error, Hashable, Sendable {
        /// It has no colon, so it was meant as a tag.
        case tag(Tag.ParseError)
        /// It has a colon, which no tag has, so it was meant as a digest.
        case digest(Digest.ParseError)
    }

    /// Reads a reference: a text with a colon is a digest, any other a tag.
    public init(_ text: some StringProtocol) throws(ParseError) {
        let text = String(text)
        if text.utf8.contains(ASCII.colon) {
            do throws(Digest.ParseError) { self = .digest(try Digest(text)) } catch { throw .digest(error) }
        } else {
            do throws(Tag.ParseError) { self = .tag(try Tag(text)) } catch { throw .tag(error) }
        }
    }
}

extension Reference: CustomStringConvertible {
    /// The text as it stands in a path.
    public var description: String {
        switch self {
        case .tag(let tag): tag.description
        case .digest(let digest): digest.description
        }
    }
}
