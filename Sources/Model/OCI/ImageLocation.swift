/// Where an image is or is to be: in a registry, in a folder, or in an archive.
public enum ImageLocation: Hashable, Sendable {
    /// In a registry.
    case registry(ImageReference)
    /// In an OCI layout folder, `oci:DIR[:tag][@digest]`.
    case layout(path: String, Reference?)
    /// In an OCI layout inside a tar archive, `oci-archive:FILE[:tag][@digest]`.
    case layoutArchive(path: String, Reference?)
    /// In an archive as `docker save` writes it, `docker-archive:FILE[:image]`.
    case dockerArchive(path: String, ImageReference?)

    /// Why a text is no location.
    public enum ParseError: Error, Hashable, Sendable {
        /// A reference that cannot be read.
        case reference(ImageReference.ParseError)
        /// A scheme without a path behind it.
        case noPath(String)
        /// What follows the path's colon is no tag or digest.
        case tag(String)
    }

    /// Reads a location.
    ///
    /// A reference without a scheme, or behind `docker://`, is a registry's.
    ///
    /// - Parameter text: the text, as a person typed it.
    /// - Throws: what is wrong with it.
    public init(_ text: some StringProtocol) throws(ParseError) {
        let text = String(text)
        if let rest = Self.rest(of: text, after: "docker://") {
            self = .registry(try Self.reference(rest))
        } else if let rest = Self.rest(of: text, after: "oci-archive:") {
            let (path, reference) = try Self.path(rest, scheme: "oci-archive")
            self = .layoutArchive(path: path, reference)
        } else if let rest = Self.rest(of: text, after: "oci:") {
            let (path, reference) = try Self.path(rest, scheme: "oci")
            self = .layout(path: path, reference)
        } else if let rest = Self.rest(of: text, after: "docker-archive:") {
            guard let colon = rest.utf8.firstIndex(of: ASCII.colon) else {
                guard !rest.isEmpty else { throw .noPath("docker-archive") }
                self = .dockerArchive(path: String(rest), nil)
                return
            }
            guard colon > rest.startIndex else { throw .noPath("docker-archive") }
            let image = try Self.reference(rest[rest.utf8.index(after: colon)...])
            self = .dockerArchive(path: String(rest[..<colon]), image)
        } else {
            self = .registry(try Self.reference(text[...]))
        }
    }

    private static func rest(of text: String, after scheme: String) -> Substring? {
        text.hasPrefix(scheme) ? text[text.utf8.index(text.startIndex, offsetBy: scheme.utf8.count)...] : nil
    }

    private static func reference(_ text: Substring) throws(ParseError) -> ImageReference {
        do throws(ImageReference.ParseError) {
            return try ImageReference(text)
        } catch {
            throw .reference(error)
        }
    }

    /// `path`, `path:tag`, `path@digest`: the path ends at the last colon behind the last slash.
    private static func path(_ text: Substring, scheme: String) throws(ParseError) -> (String, Reference?) {
        if let at = text.digestMark {
            let written = String(text[text.utf8.index(after: at)...])
            guard let digest = try? Digest(written) else { throw .tag(written) }
            guard at > text.startIndex else { throw .noPath(scheme) }
            return (String(text[..<at]), .digest(digest))
        }
        let nameStart = text.utf8.lastIndex(of: ASCII.slash).map { text.utf8.index(after: $0) } ?? text.startIndex
        guard let colon = text[nameStart...].utf8.firstIndex(of: ASCII.colon) else {
            guard !text.isEmpty else { throw .noPath(scheme) }
            return (String(text), nil)
        }
        let written = String(text[text.utf8.index(after: colon)...])
        guard let tag = try? Tag(written) else { throw .tag(written) }
        guard colon > text.startIndex else { throw .noPath(scheme) }
        return (String(text[..<colon]), .tag(tag))
    }
}

extension ImageLocation {
    /// Whether a host with its port would be taken for one of the schemes: `oci:5000/team/app`.
    private static func isScheme(_ host: RegistryHost) -> Bool {
        host.port != nil && ["oci", "oci-archive", "docker-archive"].contains(host.name)
    }
}

extension Substring {
    /// Where the last `@` begins that is followed by `sha`: a path may have others before it.
    fileprivate var digestMark: Index? {
        utf8.indices.last { utf8[$0...].starts(with: "@sha".utf8) }
    }
}

extension ImageLocation: CustomStringConvertible {
    /// As it can be typed again.
    public var description: String {
        func ending(_ reference: Reference?) -> String {
            switch reference {
            case .tag(let tag)?: ":\(tag)"
            case .digest(let digest)?: "@\(digest)"
            case nil: ""
            }
        }
        return switch self {
        case .registry(let reference): Self.isScheme(reference.registry) ? "docker://\(reference)" : "\(reference)"
        case .layout(let path, let reference): "oci:\(path)\(ending(reference))"
        case .layoutArchive(let path, let reference): "oci-archive:\(path)\(ending(reference))"
        case .dockerArchive(let path, let reference):
            "docker-archive:\(path)" + (reference.map { ":\($0)" } ?? "")
        }
    }
}

extension ImageLocation.ParseError: CustomStringConvertible {
    /// A sentence part that follows the text.
    public var description: String {
        switch self {
        case .reference(let error): error.description
        case .noPath(let scheme): "names no path behind \(scheme):"
        case .tag(let tag): "has \(tag) behind the path, which is neither a tag nor a digest"
        }
    }
}
