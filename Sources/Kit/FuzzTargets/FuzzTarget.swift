/// What is fuzzed: each case reads bytes as one kind of outside input, and checks what must hold of any bytes at all.
///
/// One place for two users: libFuzzer looks for bytes that break a property, and a test replays those that once did.
public enum FuzzTarget: String, CaseIterable, Sendable {
    /// A request line: method, space, target.
    case request
    /// The small grammars: repository name, tag, digest, reference, media type, upload id.
    case names
    /// A manifest of any kind.
    case manifest
    /// `Range` and `Content-Range`.
    case ranges
    /// The kept state of a running hash.
    case hashState = "hash-state"
    /// A document in JSON, as the management reads its bodies.
    case json
    /// A document in TOML, as files of container tools are read.
    case toml
    /// A document in YAML, as declarations and the file of `wharf sync` are read.
    case yaml
    /// Where images are, as people type it.
    case reference
    /// Patterns of names, ranges of versions, and what they pick.
    case selectors
    /// `WWW-Authenticate`.
    case challenge
    /// The other fields of a registry's answers: `Link`, `Content-Range`, `Range`, `Location`, `Retry-After`.
    case fields
    /// The answer of a token service.
    case token
    /// A tar archive.
    case tar
    /// A stream that is compressed with gzip or Zstandard.
    case compression
    /// An archive with images.
    case archive
    /// The files of Docker, podman and containerd: logins and mirrors.
    case toolFiles = "tool-files"

    /// Checks the properties.
    ///
    /// - Throws: ``Violation`` for the first one that does not hold.
    public func check(_ bytes: [UInt8]) throws(Violation) {
        switch self {
        case .request: try Self.checkRequest(bytes)
        case .names: try Self.checkNames(bytes)
        case .manifest: try Self.checkManifest(bytes)
        case .ranges: try Self.checkRanges(bytes)
        case .hashState: try Self.checkHashState(bytes)
        case .json: try Self.checkJSON(bytes)
        case .toml: try Self.checkTOML(bytes)
        case .yaml: try Self.checkYAML(bytes)
        case .reference: try Self.checkReference(bytes)
        case .selectors: try Self.checkSelectors(bytes)
        case .challenge: try Self.checkChallenges(bytes)
        case .fields: try Self.checkFields(bytes)
        case .token: try Self.checkToken(bytes)
        case .tar: try Self.checkTar(bytes)
        case .compression: try Self.checkCompression(bytes)
        case .archive: try Self.checkImageArchive(bytes)
        case .toolFiles: try Self.checkToolFiles(bytes)
        }
    }

    static func require(_ holds: Bool, _ property: @autoclosure () -> String) throws(Violation) {
        guard holds else { throw Violation(description: property()) }
    }
}

/// A property that does not hold of some bytes.
public struct Violation: Error, CustomStringConvertible {
    /// What does not hold, and of what.
    public let description: String
}
