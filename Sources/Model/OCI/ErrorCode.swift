/// The codes of the distribution specification's error bodies ("Error Codes").
///
/// Open, because a registry may add codes; the ones of the specification and of Docker's original are constants.
public struct ErrorCode: Hashable, Sendable, CustomStringConvertible {
    /// Upper-case letters and underscores.
    public let description: String

    /// Names a code.
    public init(_ code: StaticString) {
        description = code.description
    }

    /// code-1: a blob is not known to the repository.
    public static let blobUnknown = ErrorCode("BLOB_UNKNOWN")
    /// code-2: an upload cannot go on as asked.
    public static let blobUploadInvalid = ErrorCode("BLOB_UPLOAD_INVALID")
    /// code-3: an upload is not known to the repository.
    public static let blobUploadUnknown = ErrorCode("BLOB_UPLOAD_UNKNOWN")
    /// code-4: the content has another digest than it was said to have.
    public static let digestInvalid = ErrorCode("DIGEST_INVALID")
    /// code-5: a manifest refers to a blob or manifest that the repository does not hold.
    public static let manifestBlobUnknown = ErrorCode("MANIFEST_BLOB_UNKNOWN")
    /// code-6: a manifest is not valid.
    public static let manifestInvalid = ErrorCode("MANIFEST_INVALID")
    /// code-7: a manifest is not known to the repository.
    public static let manifestUnknown = ErrorCode("MANIFEST_UNKNOWN")
    /// code-8: a repository name is not valid.
    public static let nameInvalid = ErrorCode("NAME_INVALID")
    /// code-9: a repository is not known to the registry.
    public static let nameUnknown = ErrorCode("NAME_UNKNOWN")
    /// code-10: the length is not what it was said to be.
    public static let sizeInvalid = ErrorCode("SIZE_INVALID")
    /// code-11: who calls is not known.
    public static let unauthorized = ErrorCode("UNAUTHORIZED")
    /// code-12: who calls may not do this.
    public static let denied = ErrorCode("DENIED")
    /// code-13: the operation is not served here.
    public static let unsupported = ErrorCode("UNSUPPORTED")
    /// code-14: too many requests.
    public static let tooManyRequests = ErrorCode("TOOMANYREQUESTS")
    /// An extension of the API is not known.
    ///
    /// Of "Extensions API for Distribution", beside the specification.
    public static let extensionUnknown = ErrorCode("EXTENSION_UNKNOWN")
    /// A tag is not valid.
    ///
    /// Docker's code, kept by every registry.
    public static let tagInvalid = ErrorCode("TAG_INVALID")
    /// A page size is not valid.
    ///
    /// Docker's code.
    public static let paginationNumberInvalid = ErrorCode("PAGINATION_NUMBER_INVALID")
    /// A range is outside of what there is.
    ///
    /// Docker's code.
    public static let rangeInvalid = ErrorCode("RANGE_INVALID")
    /// The store has no room.
    ///
    /// Not in the specification, which names no code for it.
    public static let storageFull = ErrorCode("STORAGE_FULL")
    /// The registry cannot answer now.
    ///
    /// Docker's code.
    public static let unavailable = ErrorCode("UNAVAILABLE")
    /// Something went wrong that no code says.
    ///
    /// Docker's code.
    public static let unknown = ErrorCode("UNKNOWN")
}
