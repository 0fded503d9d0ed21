import ArgumentParser
import ContainerTools
import Foundation
import Imaging
import OCI
import RegistryContract

/// `wharf build`: makes an image of files, for one platform or several.
struct BuildCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "build",
        abstract: "Make an image of folders and binaries, for one platform or several, the same on every machine.",
        discussion: """
            Nothing is run. Files get owner 0:0 unless --owner says another, plain permissions and the time of \
            SOURCE_DATE_EPOCH (1970 when it is not set), so that the same files give the same digest everywhere. Each \
            FILE is path:/target; what begins with a platform and = goes only into the image for it.

            Examples:
              wharf build site:/srv/www --from localhost:5000/base/busybox:1 --to localhost:5000/team/site:1
              wharf build linux/amd64=amd64/app:/app linux/arm64=arm64/app:/app --entrypoint /app --to oci:images:app
            """
    )

    @Argument(help: ArgumentHelp("Files, each as [platform=]path:/target.", valueName: "file"))
    var files: [String]

    @Option(
        help: ArgumentHelp("The image that they are laid on; nothing when not given.", valueName: "image"),
        transform: Typed.location
    )
    var from: ImageLocation?

    @Option(
        help: ArgumentHelp("A platform; that of this machine when none is named.", valueName: "platform"),
        transform: Typed.platform
    )
    var platform: [Platform] = []

    @Option(
        name: .customLong("owner"),
        help: ArgumentHelp(
            "Who owns a file or a folder of the image and all in it, by numbers.",
            valueName: "path=user[:group]"
        ),
        transform: Typed.owner
    )
    var owners: [FileOwner] = []

    @Option(help: "How the layer is compressed.")
    var compression = LayerCompression.gzip

    @OptionGroup var change: ConfigChangeOptions

    @Option(
        name: .customLong("annotation"),
        help: ArgumentHelp("An annotation of the image.", valueName: "name=value"),
        transform: Typed.assignment
    )
    var annotations: [NamedText] = []

    @OptionGroup var push: PushOptions

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: RegistryOptions

    func run(with registries: Registries) async throws {
        var plan = BuildPlan(try images())
        if let from {
            let base = try await registries.place(from)
            plan.base = BuildPlan.Base(place: base.place, reference: base.wanted)
        }
        plan.config = change.configChange
        plan.annotations = annotations
        plan.created = try Timestamp.sourceDateEpoch(registries.machine.environment)
        plan.maker = LayerMaker(compression: compression)
        plan.maker.owners = owners
        try await registries.push(try await plan.draft(), over: nil, options: push, output: output)
    }

    /// An image for each platform that is named anywhere, with the files of its own and those of all.
    private func images() throws -> [BuildPlan.ImagePlan] {
        var platforms = platform
        var sources: [(platform: Platform?, source: FileSource)] = []
        for file in files {
            let (own, text) = Self.parts(of: file)
            guard let source = FileSource(text) else {
                throw ValidationError("\(file) names no file and where it goes: write path:/target.")
            }
            sources.append((own, source))
            if let own, !platforms.contains(own) { platforms.append(own) }
        }
        if platforms.isEmpty { platforms = [.current] }
        return platforms.map { platform in
            let own = sources.filter { $0.platform == nil || $0.platform == platform }.map(\.source)
            return BuildPlan.ImagePlan(platform: platform, layers: own.isEmpty ? [] : [own])
        }
    }

    private static func parts(of text: String) -> (Platform?, String) {
        guard let equals = text.firstIndex(of: "="), let platform = Platform(text[..<equals]) else {
            return (nil, text)
        }
        return (platform, String(text[text.index(after: equals)...]))
    }
}

extension LayerCompression: ExpressibleByArgument {}
