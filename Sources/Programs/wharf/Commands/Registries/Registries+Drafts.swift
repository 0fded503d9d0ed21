import ArgumentParser
import Imaging
import OCI
import RegistryContract
import Transfer

/// Where something that was made here goes, and how it is shown.
struct PushOptions: ParsableArguments {
    @Option(
        name: [.customShort("t"), .customLong("to")],
        help: ArgumentHelp("Where the new image goes; the tag of the old one when not given.", valueName: "target"),
        transform: Typed.location
    )
    var target: ImageLocation?

    @Option(name: .customLong("tag"), help: "A further tag of the new image.", transform: Typed.tag)
    var tags: [Tag] = []

    @Flag(help: "Say what would come of it, and push nothing.")
    var dryRun = false

    @Flag(name: .shortAndLong, help: "Show no progress.")
    var quiet = false

    func validate() throws {
        guard let digest = target?.digest else { return }
        throw ValidationError(
            "--to names a digest, and what is made here gets one of its own, which nobody knows before: leave out "
                + "@\(digest)"
        )
    }
}

extension Registries {
    /// Pushes what was made, and writes its name and digest.
    func push(_ draft: ImageDraft, over base: ImageLocation?, options: PushOptions, output: OutputOptions) async throws
    {
        guard let location = options.target ?? base else {
            throw ValidationError("Say where the new image goes: --to TARGET.")
        }
        guard !options.dryRun else { return try output.show(DraftResult(draft, target: location.nameWithoutDigest)) }
        try await push(draft, to: location, tags: options.tags, quiet: options.quiet, output: output)
    }

    /// Pushes what was made to a location and its tag, or to `latest` where no tag is named at all.
    func push(
        _ draft: ImageDraft,
        to location: ImageLocation,
        tags: [Tag],
        quiet: Bool,
        output: OutputOptions
    ) async throws {
        let display = ProgressDisplay.standard(quiet: quiet, verbose: options.verbose)
        let result = try await writing(location) { target in
            var all = tags
            switch target.reference {
            case .tag(let tag)?: all = [tag] + tags.filter { $0 != tag }
            case nil where tags.isEmpty: all = [ImageReference.latest]
            default: break
            }
            let names = all
            var options = TransferOptions()
            options.keepsUploads = true
            let report = try await display.whileShown { [options] in
                try await draft.push(
                    to: target.place,
                    tags: names,
                    options: options,
                    observer: ProgressObserver(display: display)
                )
            }
            return CopyResult(report, target: names.first.map { target.name(tagged: $0) } ?? location.nameWithoutDigest)
        }
        if output.form == .table, output.field == nil {
            print("\(result.target)@\(result.digest)")
        } else {
            try output.show(result)
        }
    }
}

/// What was made and not pushed, shown.
struct DraftResult: Encodable, TableRow {
    static let columns = ["TARGET", "DIGEST", "NEW BLOBS", "BYTES"]

    /// Where it would go.
    var target: String
    /// Its digest.
    var digest: String
    /// How many blobs would be new.
    var blobs: Int
    /// Their bytes.
    var bytes: Int64

    var cells: [String] { [target, digest, "\(blobs)", HumanText.bytes(bytes)] }

    init(_ draft: ImageDraft, target: String) {
        self.target = target
        digest = draft.root.digest.description
        blobs = draft.newBlobs.count
        bytes = draft.newBlobs.values.reduce(0, +)
    }
}
