import ArgumentParser
import OCI
import Transfer

/// What is copied with an image, and how it is shown.
struct CopyOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Only the image for this platform; several give an index of these.", valueName: "platform"),
        transform: Typed.platform
    )
    var platform: [Platform] = []

    @Flag(help: "All platforms, which is what is done anyway; for those who are used to say it.")
    var all = false

    @Flag(help: "Keep the index as it is, with --platform, and copy only those of its images.")
    var sparse = false

    @Flag(help: "Take along what refers to the image: signatures, attestations, SBOMs.")
    var referrers = false

    @Flag(help: "Take along layers whose terms forbid that a registry hands them on.")
    var nonDistributable = false

    @Flag(help: "Push manifests again that are there already.")
    var force = false

    @Flag(help: "Read again what the target has already, and send anew what is damaged there.")
    var verify = false

    @Option(help: ArgumentHelp("How many blobs move at once.", valueName: "count"))
    var parallel = 6

    @Option(
        help: ArgumentHelp(
            "Fetch big blobs in so many ranges at once, from registries that are far.",
            valueName: "count"
        )
    )
    var ranges = 1

    @Flag(name: .shortAndLong, help: "Show no progress.")
    var quiet = false

    func validate() throws {
        guard platform.isEmpty || !all else {
            throw ValidationError("--all and --platform contradict each other: give one of them")
        }
        guard !sparse || !platform.isEmpty else {
            throw ValidationError("--sparse says how --platform is done: give it too")
        }
        guard (1...64).contains(parallel) else { throw ValidationError("--parallel is from 1 to 64") }
        guard (1...16).contains(ranges) else { throw ValidationError("--ranges is from 1 to 16") }
    }

    /// The same for the engine.
    var transfer: TransferOptions {
        var options = TransferOptions()
        if !platform.isEmpty { options.platforms = sparse ? .sparse(platform) : .only(platform) }
        options.copiesReferrers = referrers
        options.copiesSignatureTags = referrers
        options.copiesNonDistributable = nonDistributable
        options.force = force || verify
        options.verifiesWhatIsThere = verify
        options.partsInParallelMax = ranges
        options.keepsUploads = true
        return options
    }
}
