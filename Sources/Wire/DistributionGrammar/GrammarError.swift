import OCI

/// Why a request is none of the distribution specification's.
public enum GrammarError: Error, Hashable, Sendable {
    /// No endpoint has this path.
    case noEndpoint
    /// The endpoint has other methods, which are listed.
    case method(allowed: [String])
    /// The repository name is not well formed.
    case name(String)
    /// The tag is not well formed.
    case tag(String)
    /// The digest is not well formed, or of an algorithm that is not served.
    case digest(String, Digest.ParseError)
    /// The id of an upload is none that was ever given out.
    case uploadID
    /// A needed parameter of the query is missing.
    case missingParameter(String)
    /// The page size is not a whole number from 0 on.
    case pageSize(String)
    /// More tags than one push may bring.
    case tooManyTags
    /// The path or the query is not well percent-encoded.
    case encoding
}
