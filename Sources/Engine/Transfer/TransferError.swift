import OCI
public import RegistryContract

/// Why a copy failed: on which side, of what, and what that side said.
public struct TransferError: Error, Sendable, CustomStringConvertible {
    /// Where it failed.
    public enum Side: Sendable, Hashable {
        /// At the source.
        case reading
        /// At the target.
        case writing
    }

    /// Where it failed.
    public var side: Side
    /// The registry and repository of that side.
    public var place: String
    /// The image that was to be copied, as it is named at the source.
    public var image: String
    /// What of it: `blob sha256:…`, `manifest sha256:…`.
    public var content: String
    /// What that side said.
    public var underlying: any Error

    /// The code of the refusal, where it was a registry's.
    public var code: RegistryError.Code? {
        (underlying as? RegistryError)?.code
    }

    /// All of it in one sentence.
    public var description: String {
        let reason = Self.reason(of: underlying)
        let way = side == .reading ? "reading \(content) from \(place)" : "writing \(content) to \(place)"
        return "copying \(image) failed when \(way): \(reason)"
    }
}

extension TransferError {
    /// The sentence of an error, without its code.
    static func reason(of error: any Error) -> String {
        (error as? RegistryError)?.message ?? "\(error)"
    }
}

extension Place {
    /// As a person would write it.
    var description: String {
        if let shownName { return shownName }
        return registryName.isEmpty ? repository.description : "\(registryName)/\(repository)"
    }
}
