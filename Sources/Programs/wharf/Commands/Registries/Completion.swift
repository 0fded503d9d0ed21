import ContainerTools
import Foundation
import Glibc
import ImageLayout
import OCI
import RegistryContract

/// How a value goes on that registries or files know: by the name that the help gives the value.
struct RegistryCompletion {
    /// How registries are reached.
    let options: RegistryOptions

    /// No registry is waited for any longer: whoever presses the key waits.
    private static let timeMax = Duration.seconds(1)
    /// More names than this are shown by their beginnings up to the next slash.
    private static let namesShownMax = 100
    /// How many names are asked for at once.
    private static let pageSize = 1000
    /// The address that `wharf serve` listens on when nothing else is said.
    private static let standardRegistry = "localhost:5000"
    private static let platforms = [
        "linux/amd64", "linux/arm64", "linux/arm/v7", "linux/arm/v6", "linux/386", "linux/ppc64le", "linux/riscv64",
        "linux/s390x", "windows/amd64",
    ]

    /// What kind of thing a value is.
    private enum Kind {
        case image, target, repository, registry, registryOrRepository, platform, account, file, folder

        init?(valueName: String) {
            switch valueName {
            case "image", "source", "reference": self = .image
            case "target": self = .target
            case "repository", "repository@digest": self = .repository
            case "registry": self = .registry
            case "registry|repository": self = .registryOrRepository
            case "platform": self = .platform
            case "account": self = .account
            case "file", "archive", "config": self = .file
            case "dir", "folder": self = .folder
            default: return nil
            }
        }
    }

    /// The ways in which a value with such a name can go on; some may not begin with what was typed.
    func candidates(for valueName: String, typed: String) async -> [Candidate] {
        switch Kind(valueName: valueName) {
        case .image: await location(typed, hasTags: true)
        case .target, .repository: await location(typed, hasTags: false)
        case .registryOrRepository: await location(typed, hasTags: false)
        case .registry: hosts.map { .word($0) }
        case .platform: Self.platforms.map { .word($0) }
        case .account: await inTime { await accounts }
        case .file: [.file(behind: "")]
        case .folder: [.folder(behind: "")]
        case nil: []
        }
    }

    private func location(_ typed: String, hasTags: Bool) async -> [Candidate] {
        if typed.hasPrefix("oci:") { return await layout(typed, hasTags: hasTags) }
        for scheme in ["oci-archive:", "docker-archive:"] where typed.hasPrefix(scheme) {
            return [.file(behind: scheme)]
        }
        let schemes: [Candidate] = ["oci:", "oci-archive:", "docker-archive:"].filter { $0.hasPrefix(typed) }
            .map { .word($0) }
        let begun = hosts.map { "\($0)/" }.filter { $0.hasPrefix(typed) && $0 != typed }
        if !begun.isEmpty { return begun.map { .word($0) } + schemes }
        return schemes + (await inTime { await remote(typed, hasTags: hasTags) })
    }

    /// Folders, and behind the name of a layout and a colon its tags.
    private func layout(_ typed: String, hasTags: Bool) async -> [Candidate] {
        let rest = typed.dropFirst("oci:".count)
        guard hasTags, let colon = rest.lastIndex(of: ":"), case let path = String(rest[..<colon]), !path.isEmpty,
            let repository = try? RepositoryName("image")
        else { return [.folder(behind: "oci:")] }
        let found = try? await LayoutRegistry(path: path).tags(in: repository, after: nil, limit: Self.pageSize)
        return found?.elements.map { .word("oci:\(path):\($0)") } ?? []
    }

    /// The names that somebody has logged in with from this machine.
    private var accounts: [Candidate] {
        get async {
            let store = LoginStore(machine: .current, file: options.loginFile)
            let logins = try? await Blocking.run { try store.logins() }
            return Set((logins ?? []).compactMap(\.user)).sorted().map { .word($0) }
        }
    }

    // MARK: Registries

    /// The registries that somebody has logged in to from this machine, and the one that may run on it.
    private var hosts: [String] {
        let known = LoginStore(machine: .current, file: options.loginFile).hosts
        return known.contains(Self.standardRegistry) ? known : known + [Self.standardRegistry]
    }

    private func remote(_ typed: String, hasTags: Bool) async -> [Candidate] {
        let nameStart = typed.lastIndex(of: "/").map { typed.index(after: $0) } ?? typed.startIndex
        if let colon = typed[nameStart...].firstIndex(of: ":") {
            guard let image = try? ImageReference(typed[..<colon]) else { return [] }
            return await tags(of: image).map { .word("\(typed[...colon])\($0)") }
        }
        guard let slash = typed.firstIndex(of: "/"), let host = try? RegistryHost(typed[..<slash]) else { return [] }
        let path = String(typed[typed.index(after: slash)...])
        let names = await repositories(of: host, beginning: path)
        // Behind the name of an image a tag goes on; the name alone may be what a copy goes to.
        return Self.shortened(names, behind: path).map { name in
            .word("\(host)/\(name)" + (hasTags && !name.hasSuffix("/") ? ":" : ""))
        }
    }

    private func tags(of image: ImageReference) async -> [String] {
        let found = try? await Registries.with(options) { registries in
            try await registries.registry(image.registry, image.repository)
                .tags(in: image.repository, after: nil, limit: Self.pageSize)
        }
        return found?.elements.map(\.description) ?? []
    }

    private func repositories(of host: RegistryHost, beginning path: String) async -> [String] {
        let found = try? await Registries.with(options) { registries in
            let registry = try await registries.registry(host)
            let first = try await registry.repositories(after: nil, limit: Self.pageSize)
            guard first.hasMore, !path.isEmpty else { return first.elements }
            // The rest of a long list begins where the names do that are wanted.
            return first.elements + (try await registry.repositories(after: path, limit: Self.pageSize).elements)
        }
        return Set((found ?? []).map(\.description)).filter { $0.hasPrefix(path) }.sorted()
    }

    /// The names, or where they are many their beginnings up to the next slash.
    private static func shortened(_ names: [String], behind path: String) -> [String] {
        guard names.count > namesShownMax else { return names }
        let beginnings = names.map { name in
            let rest = name.dropFirst(path.count)
            return rest.firstIndex(of: "/").map { String(name[...$0]) } ?? name
        }
        return Set(beginnings).sorted()
    }

    /// What `body` finds in time; the program ends without a word where it takes longer.
    private func inTime(_ body: () async -> [Candidate]) async -> [Candidate] {
        let guardian = Task.detached {
            // A credential helper that asks a person, or a name server that is silent, ends with nothing else.
            try await Task.sleep(for: Self.timeMax)
            Glibc.exit(ExitStatus.success.rawValue)
        }
        defer { guardian.cancel() }
        return await body()
    }
}
