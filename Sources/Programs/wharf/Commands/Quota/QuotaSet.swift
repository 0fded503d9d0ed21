import AdminClient
import AdminModel
import ArgumentParser

/// `wharf quota set`: says how much there may be.
struct QuotaSet: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Say how much there may be; what is not given may be of any number.",
        discussion: """
            What is there already is counted first, and nothing is refused until then. So it is where --trash changes.

            Examples:
              wharf quota set team --size 50GiB --warn 90
              wharf quota set --repository team/app --tags 100
              wharf quota set --installation --size 2TiB
              wharf quota set team --size 50GiB --trash free
            """
    )

    @OptionGroup var what: QuotaPlaceOptions

    @Option(help: "How many bytes there may be, such as 500MiB or 50GiB: each blob counts once.")
    var size: QuotaSize?

    @Option(help: "How many tags there may be.")
    var tags: Int64?

    @Option(help: "How many repositories there may be.")
    var repositories: Int64?

    @Option(help: ArgumentHelp("From which part of a limit on it is warned, in percent.", valueName: "percent"))
    var warn: Int64 = 80

    @Option(help: "Whether what only the trash needs counts, or is free: then what is deleted makes room at once.")
    var trash: QuotaTrash = .counted

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        let change = QuotaChange(
            bytes: size?.bytes,
            tags: tags,
            repositories: repositories,
            warnPercent: warn,
            trash: trash
        )
        try output.show(try await client.setQuota(of: what.place, change))
    }
}

extension QuotaTrash: ExpressibleByArgument {}

/// A number of bytes: `500MiB`, `50GB`, `1048576`.
struct QuotaSize: ExpressibleByArgument {
    let bytes: Int64

    private static let units: [String: Int64] = [
        "": 1, "B": 1, "kB": 1000, "KiB": 1 << 10, "MB": 1_000_000, "MiB": 1 << 20, "GB": 1_000_000_000,
        "GiB": 1 << 30, "TB": 1_000_000_000_000, "TiB": 1 << 40,
    ]

    init?(argument: String) {
        let digits = argument.prefix { $0.isASCII && $0.isNumber }
        guard let count = Int64(digits), let unit = Self.units[String(argument.dropFirst(digits.count))] else {
            return nil
        }
        let (bytes, isTooMuch) = count.multipliedReportingOverflow(by: unit)
        guard !isTooMuch else { return nil }
        self.bytes = bytes
    }
}
