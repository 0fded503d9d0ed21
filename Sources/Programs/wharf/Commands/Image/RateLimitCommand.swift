import ArgumentParser
import OCI
import RegistryClient

/// `wharf ratelimit`: says how many pulls are left.
struct RateLimitCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "ratelimit",
        abstract: "Say how many pulls a registry has left for you.",
        discussion: """
            It asks by HEAD, which Docker Hub does not count as a pull.

            Examples:
              wharf ratelimit
              wharf ratelimit localhost:5000/team/app:1.0 --format remaining
            """
    )

    @Argument(
        help: ArgumentHelp("An image of that registry; one of Docker Hub when none is named.", valueName: "image"),
        transform: Typed.reference
    )
    var image: ImageReference?

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: RegistryOptions

    /// An image that Docker keeps for this.
    private static let hubImage = "ratelimitpreview/test"

    func run(with registries: Registries) async throws {
        let image = try self.image ?? Typed.reference(Self.hubImage)
        try await registries.settings(of: image.registry, image.repository)
        let client = try registries.client(for: image.registry)
        guard let limit = try await client.rateLimit(in: image.repository, of: image.reference) else {
            return try output.show(ShownRateLimit(registry: image.registry))
        }
        try output.show(ShownRateLimit(registry: image.registry, limit))
    }
}

/// What is left, shown.
struct ShownRateLimit: Encodable, TableRow {
    static let columns = ["REGISTRY", "LIMIT", "REMAINING", "WINDOW", "SOURCE"]

    /// The registry.
    var registry: String
    /// Pulls in a window; nil where none are counted.
    var limit: Int?
    /// How many are left.
    var remaining: Int?
    /// The window, in seconds.
    var windowSeconds: Int64?
    /// For whom they are counted.
    var source: String?

    var cells: [String] {
        let window = windowSeconds.map { HumanText.duration(.seconds($0)) }
        return [
            registry, limit.map { "\($0)" } ?? "none", remaining.map { "\($0)" } ?? "-", window ?? "-", source ?? "-",
        ]
    }

    init(registry: RegistryHost, _ limit: RateLimit? = nil) {
        self.registry = registry.description
        self.limit = limit?.limit
        remaining = limit?.remaining
        windowSeconds = limit?.window?.components.seconds
        source = limit?.source
    }
}
