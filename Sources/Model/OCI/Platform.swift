/// The machine that an image is made for (image specification, image-index.md).
public struct Platform: Hashable, Sendable {
    /// The processor, in Go's names: `amd64`, `arm64`.
    public var architecture: String
    /// The operating system, in Go's names: `linux`, `windows`.
    public var os: String
    /// The variant of the processor, `v7` for instance.
    public var variant: String?
    /// The version of the operating system, where it matters.
    public var osVersion: String?

    /// Names a platform.
    public init(architecture: String, os: String, variant: String? = nil, osVersion: String? = nil) {
        self.architecture = architecture
        self.os = os
        self.variant = variant
        self.osVersion = osVersion
    }
}

extension Platform: CustomStringConvertible {
    /// Reads `os/architecture[/variant]`, with the names that `uname -m` has for processors taken too; nil for others.
    ///
    /// Source: containerd's platforms package, which Docker's `--platform` follows.
    public init?(_ text: some StringProtocol) {
        let parts = text.lowercased().split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard (2...3).contains(parts.count), parts.allSatisfy({ Self.isWord($0) }) else { return nil }
        self.init(architecture: parts[1], os: parts[0], variant: parts.count == 3 ? parts[2] : nil)
        self = normalized
    }

    /// `os/architecture[/variant]`.
    public var description: String {
        [os, architecture, variant ?? ""].filter { !$0.isEmpty }.joined(separator: "/")
    }

    /// The same machine by the names that images use: `aarch64` is `arm64`, and `arm64/v8` is `arm64`.
    public var normalized: Platform {
        var platform = self
        switch (architecture, variant) {
        case ("x86_64", _), ("x86-64", _): platform.architecture = "amd64"
        case ("i386", _), ("i686", _): platform.architecture = "386"
        case ("aarch64", _): (platform.architecture, platform.variant) = ("arm64", variant == "v8" ? nil : variant)
        case ("arm64", "v8"), ("arm64", "8"), ("amd64", "v1"): platform.variant = nil
        case ("armhf", _): (platform.architecture, platform.variant) = ("arm", "v7")
        case ("armel", _): (platform.architecture, platform.variant) = ("arm", "v6")
        case ("arm", nil), ("arm", "7"): platform.variant = "v7"
        case ("arm", "6"): platform.variant = "v6"
        case ("arm", "5"): platform.variant = "v5"
        default: break
        }
        return platform
    }

    /// How well an image for `image` runs here: 0 is a perfect fit, more is worse; nil when it does not run.
    ///
    /// A 32-bit ARM processor runs images for its older variants, as containerd decides it; a version of the operating
    /// system counts only where it was asked for.
    public func distance(to image: Platform) -> Int? {
        let (own, other) = (normalized, image.normalized)
        guard own.os == other.os, own.architecture == other.architecture else { return nil }
        if let version = own.osVersion, version != other.osVersion { return nil }
        if own.variant == other.variant { return 0 }
        guard own.architecture == "arm", let mine = own.armVersion, let its = other.armVersion, its < mine else {
            return nil
        }
        return mine - its
    }

    private var armVersion: Int? {
        variant.flatMap { $0.hasPrefix("v") ? Int($0.dropFirst()) : nil }
    }

    private static func isWord(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { ASCII.isAlphanumeric($0) || "_.-".utf8.contains($0) }
    }
}
