import ArgumentParser
import Imaging
import OCI
import Selectors

/// What people type as arguments, read into values; the errors name the text and what is wrong with it.
enum Typed {
    /// Where an image is.
    static func location(_ text: String) throws -> ImageLocation {
        do throws(ImageLocation.ParseError) {
            return try ImageLocation(text)
        } catch {
            throw ValidationError("\(text) \(error).")
        }
    }

    /// An image in a registry.
    static func reference(_ text: String) throws -> ImageReference {
        guard case .registry(let reference) = try location(text) else {
            throw ValidationError("\(text) is a file or a folder, and this needs an image in a registry.")
        }
        return reference
    }

    /// A repository of a registry, without tag or digest.
    static func repository(_ text: String) throws -> ImageReference {
        let reference = try reference(text)
        guard reference.tag == nil, reference.digest == nil else {
            throw ValidationError("\(text) names one image, and this needs a repository: leave out the tag.")
        }
        return reference
    }

    /// A registry.
    static func registry(_ text: String) throws -> RegistryHost {
        var text = text[...]
        for scheme in ["https://", "http://", "docker://"] where text.hasPrefix(scheme) {
            text = text.dropFirst(scheme.count)
        }
        while text.hasSuffix("/") { text = text.dropLast() }
        guard let host = try? RegistryHost(text) else {
            throw ValidationError("\(text) is no registry: it is a host, maybe with a port, such as localhost:5000.")
        }
        return host
    }

    /// A file, maybe with the registry that it is for: `HOST=FILE`.
    static func meantFile(_ text: String) throws -> MeantFile {
        // A name without dot or port is the beginning of a file's name, as is whatever has a slash before the sign.
        if let sign = text.firstIndex(of: "="), let host = try? RegistryHost(text[..<sign]),
            host.port != nil || host.name.contains(".") || host.isLoopback
        {
            return MeantFile(registry: host, path: String(text[text.index(after: sign)...]))
        }
        return MeantFile(registry: nil, path: text)
    }

    /// A tag.
    static func tag(_ text: String) throws -> Tag {
        guard let tag = try? Tag(text) else {
            throw ValidationError(
                "\(text) is no tag: tags have letters, digits, _ . - and begin with a letter, a digit or _."
            )
        }
        return tag
    }

    /// A digest.
    static func digest(_ text: String) throws -> Digest {
        do throws(Digest.ParseError) {
            return try Digest(text)
        } catch {
            throw ValidationError("\(text) \(error.reason).")
        }
    }

    /// A text with a name, `name=value`.
    static func assignment(_ text: String) throws -> NamedText {
        guard let assignment = NamedText(assignment: text) else {
            throw ValidationError("\(text) has no name with a = behind it: write name=value.")
        }
        return assignment
    }

    /// Who owns a file of an image.
    static func owner(_ text: String) throws -> FileOwner {
        guard let owner = FileOwner(text) else {
            throw ValidationError("\(text) says no owner: write /path=user:group, both as numbers.")
        }
        return owner
    }

    /// A media type.
    static func mediaType(_ text: String) throws -> MediaType {
        guard let type = MediaType(text) else {
            throw ValidationError("\(text) is no media type: it looks like application/spdx+json.")
        }
        return type
    }

    /// A pattern for tags or repositories: a glob, `/…/` for a regular expression, `semver:RANGE` for versions.
    static func pattern(_ text: String) throws -> NamePattern {
        do {
            return try NamePattern(text)
        } catch {
            throw ValidationError("\(text) is no pattern: \(error).")
        }
    }

    /// A span of time, such as `30d`, `720h`, `90m`, in seconds.
    static func seconds(_ text: String) throws -> Int64 {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800]
        guard let last = text.last, let unit = units[last], let count = Int64(text.dropLast()), count >= 0,
            count <= .max / unit
        else { throw ValidationError("\(text) is no span of time: it looks like 30d, 720h or 90m.") }
        return count * unit
    }

    /// A platform.
    static func platform(_ text: String) throws -> Platform {
        guard let platform = Platform(text) else {
            throw ValidationError("\(text) is no platform: it looks like linux/amd64 or linux/arm/v7.")
        }
        return platform
    }

    /// The registry, or the repository, that a text without a tag stands for: a host where it looks like one.
    static func registryOrRepository(_ text: String) throws -> RegistryOrRepository {
        let isHostLike = text == "localhost" || text.contains(".") || text.contains(":") || text.hasSuffix("/")
        if !text.dropLast().contains("/"), isHostLike, let host = try? registry(text) { return .registry(host) }
        return .repository(try repository(text))
    }
}

/// What can be listed.
enum RegistryOrRepository: Sendable {
    /// A registry: its repositories.
    case registry(RegistryHost)
    /// A repository: its tags.
    case repository(ImageReference)
}
