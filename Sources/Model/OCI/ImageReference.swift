/// An image as people write it: `[registry/]repository[:tag][@digest]`, read as Docker reads it.
///
/// Where the first part looks like no host (no dot, no colon, not `localhost`, no capital), the registry is Docker Hub;
/// a single name there lies in `library/`. Source: the reference grammar of CNCF distribution, reference/reference.go
/// and normalize.go.
public struct ImageReference: Hashable, Sendable {
    /// Why a text is no reference.
    public enum ParseError: Error, Hashable, Sendable {
        /// No bytes at all.
        case empty
        /// It begins with a scheme such as `https://`, which references have not.
        case scheme(String)
        /// The registry is no host.
        case host(String, RegistryHost.ParseError)
        /// The repository is outside its grammar.
        case repository(String, RepositoryName.ParseError)
        /// The repository is right but for capitals.
        case capitals(String)
        /// What follows the colon is no tag.
        case tag(String, Tag.ParseError)
        /// What follows the `@` is no digest.
        case digest(String, Digest.ParseError)
    }

    /// Where it is.
    public var registry: RegistryHost
    /// Its repository.
    public var repository: RepositoryName
    /// Its tag, where one was written.
    public var tag: Tag?
    /// Its digest, where one was written: it counts before the tag.
    public var digest: Digest?

    /// The tag that stands for none.
    public static let latest = Tag(known: "latest")

    /// Names an image.
    public init(registry: RegistryHost, repository: RepositoryName, tag: Tag? = nil, digest: Digest? = nil) {
        self.registry = registry
        self.repository = repository
        self.tag = tag
        self.digest = digest
    }

    /// Reads a reference.
    public init(_ text: some StringProtocol) throws(ParseError) {
        let whole = String(text)
        guard !whole.isEmpty else { throw .empty }
        if let colon = whole.utf8.firstIndex(of: ASCII.colon), whole[colon...].hasPrefix("://") {
            throw .scheme(String(whole[..<colon]))
        }
        var rest = whole[...]
        if let at = rest.utf8.firstIndex(of: UInt8(ascii: "@")) {
            let written = String(rest[rest.utf8.index(after: at)...])
            do throws(Digest.ParseError) { digest = try Digest(written) } catch { throw .digest(written, error) }
            rest = rest[..<at]
        }
        let nameStart = rest.utf8.lastIndex(of: ASCII.slash).map { rest.utf8.index(after: $0) } ?? rest.startIndex
        if let colon = rest[nameStart...].utf8.firstIndex(of: ASCII.colon) {
            let written = String(rest[rest.utf8.index(after: colon)...])
            do throws(Tag.ParseError) { tag = try Tag(written) } catch { throw .tag(written, error) }
            rest = rest[..<colon]
        }
        (registry, repository) = try Self.place(rest)
    }

    /// Reads `[registry/]repository`.
    private static func place(_ text: Substring) throws(ParseError) -> (RegistryHost, RepositoryName) {
        var registry = RegistryHost.dockerHub
        var path = text
        if let slash = text.utf8.firstIndex(of: ASCII.slash), isHost(text[..<slash]) {
            let written = String(text[..<slash])
            do throws(RegistryHost.ParseError) {
                registry = try RegistryHost(written)
            } catch {
                throw .host(written, error)
            }
            path = text[text.utf8.index(after: slash)...]
        }
        if registry == .dockerHub, !path.utf8.contains(ASCII.slash) { path = "library/" + path }
        let name: RepositoryName
        do throws(RepositoryName.ParseError) {
            name = try RepositoryName(path)
        } catch {
            if (try? RepositoryName(path.lowercased())) != nil { throw .capitals(String(path)) }
            throw .repository(String(text), error)
        }
        return (registry, name)
    }

    private static func isHost(_ text: Substring) -> Bool {
        text == "localhost"
            || text.utf8.contains { $0 == ASCII.dot || $0 == ASCII.colon || (0x41...0x5A).contains($0) }
    }

    /// What a registry is asked for: the digest, else the tag, else `latest`.
    public var reference: Reference {
        digest.map(Reference.digest) ?? .tag(tag ?? Self.latest)
    }
}

extension ImageReference: CustomStringConvertible {
    /// In full, with the registry, and with `library/` on Docker Hub.
    public var description: String {
        "\(registry)/\(repository)" + (tag.map { ":\($0)" } ?? "") + (digest.map { "@\($0)" } ?? "")
    }
}

extension ImageReference.ParseError: CustomStringConvertible {
    /// A sentence part that follows the text, such as `nginx:v/1`.
    public var description: String {
        switch self {
        case .empty: "is empty"
        case .scheme(let scheme): "begins with \(scheme)://, which a reference does not have"
        case .host(let host, .port): "names the registry \(host), whose port is no number from 1 to 65535"
        case .host(let host, _): "names the registry \(host), which is no host name"
        case .repository(_, .tooLong): "has a repository name of more than \(RepositoryName.byteCountMax) bytes"
        case .repository(_, .empty): "names no repository"
        case .repository(_, .component(let part)):
            part.isEmpty
                ? "has an empty part between two slashes"
                : "has the part \(part), but names have lower-case letters and digits, with . _ __ - between them"
        case .capitals: "has capitals in the repository's name, which must be in lower case"
        case .tag(let tag, .tooLong): "has the tag \(tag.prefix(20))…, longer than \(Tag.byteCountMax) bytes"
        case .tag(let tag, _):
            tag.isEmpty
                ? "has a colon and no tag behind it"
                : "has the tag \(tag), but tags have letters, digits, _ . - and begin with a letter, a digit or _"
        case .digest(_, let error): "has a digest that \(error.reason)"
        }
    }
}
