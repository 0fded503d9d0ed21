import ArgumentParser
import OCI
import RegistryContract
import Transfer

/// `wharf sync`: keeps repositories in step with others, as a file says.
struct SyncCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync",
        abstract: "Keep repositories in step with others, as a file says: which images, from where, to where.",
        discussion: """
            What is there already is not sent. A failure leaves the rest undone, unless --keep-going; what failed is \
            named, and the command ends with 2. Documentation/sync.md describes the file.

            Examples:
              wharf sync mirror.yaml --dry-run
              wharf sync mirror.yaml --keep-going
              wharf sync mirror.yaml --every 1h
            """
    )

    @Argument(help: ArgumentHelp("The file; - for standard input.", valueName: "file"))
    var file: String

    @Flag(help: "Say what would be done, and change nothing.")
    var dryRun = false

    @Flag(help: "Delete tags at the targets that their source has no more, as if every rule said delete: true.")
    var delete = false

    @Flag(help: "Go on with the rest when something fails.")
    var keepGoing = false

    @Option(help: ArgumentHelp("Do it again and again, such as every 1h.", valueName: "time"), transform: Typed.seconds)
    var every: Int64?

    @Option(help: ArgumentHelp("How many blobs move at once.", valueName: "count"))
    var parallel = 6

    @Flag(name: .shortAndLong, help: "Show no progress.")
    var quiet = false

    @OptionGroup var output: OutputOptions

    @OptionGroup var connection: RegistryOptions

    func validate() throws {
        guard (1...64).contains(parallel) else { throw ValidationError("--parallel is from 1 to 64") }
        guard every.map({ $0 > 0 }) ?? true else { throw ValidationError("--every is a time above 0") }
        guard every == nil || file != "-" else { throw ValidationError("--every reads the file each time: name one") }
    }

    func run(with registries: Registries) async throws {
        while true {
            let failure = await Result { try await once(with: registries) }.failure
            guard let every, !dryRun else { return try failure.map { throw $0 } ?? () }
            try Task.checkCancellation()
            if let failure { Remark.print("\(failure)") }
            try await Task.sleep(for: .seconds(every))
        }
    }

    private func once(with registries: Registries) async throws {
        let document = try SyncFile(path: file)
        var plan = document.plan
        if delete { for index in plan.rules.indices { plan.rules[index].deletes = true } }
        let display = ProgressDisplay.standard(quiet: quiet)
        let sync = Sync(
            plan,
            session: TransferSession(blobsInParallelMax: parallel),
            observer: ProgressObserver(display: display)
        ) { name, repository in
            let host = try Typed.registry(name)
            let manner = document.manners[host] ?? RegistryManner()
            return try await registries.registry(host, repository, manner: manner)
        }
        let outline = try await sync.outline()
        for problem in outline.problems { Remark.print("\(problem)") }
        if dryRun {
            try output.show(outline.copies.map(SyncedImage.init) + outline.deletions.map(SyncedImage.init))
            guard outline.problems.isEmpty else { throw PartlySynced(failed: outline.problems.count) }
            return
        }
        let report = try await display.whileShown { try await sync.run(outline, keepsGoing: keepGoing) }
        for failure in report.failures { Remark.print("\(failure)") }
        try output.show(SyncResult(report))
        let failed = report.failures.count + report.problems.count + report.untriedCount
        guard failed == 0 else { throw PartlySynced(failed: failed) }
    }
}

extension Result where Failure == any Error {
    /// What `body` gave, or threw.
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }

    fileprivate var failure: (any Error)? {
        if case .failure(let error) = self { error } else { nil }
    }
}

/// Some images are not in step.
private struct PartlySynced: ExitStatusError, CustomStringConvertible {
    var failed: Int

    var exitStatus: ExitStatus { .partly }
    var description: String { "\(failed) images or repositories are not in step; see above." }
}

/// What is to be done with an image, shown.
struct SyncedImage: Encodable, TableRow {
    static let columns = ["DO", "SOURCE", "TARGET"]

    /// `copy`, or `delete`.
    var action: String
    /// Where it comes from; nothing for a deletion.
    var source: String?
    /// Where it goes, or goes away.
    var target: String

    var cells: [String] { [action, source ?? "-", target] }

    init(_ copy: SyncOutline.Copy) {
        action = "copy"
        source = copy.source.description
        target = copy.target.description
    }

    init(_ deletion: SyncOutline.Deletion) {
        action = "delete"
        target = deletion.target.description
    }
}

/// What was done, shown.
struct SyncResult: Encodable, TableRow {
    static let columns = ["COPIED", "UNCHANGED", "DELETED", "FAILED", "UNTRIED", "BYTES"]

    var copied: Int
    var unchanged: Int
    var deleted: Int
    var failed: Int
    var untried: Int
    var sentBytes: Int64

    var cells: [String] {
        ["\(copied)", "\(unchanged)", "\(deleted)", "\(failed)", "\(untried)", HumanText.bytes(sentBytes)]
    }

    init(_ report: SyncReport) {
        copied = report.copiedCount
        unchanged = report.unchangedCount
        deleted = report.deletedCount
        failed = report.failures.count + report.problems.count
        untried = report.untriedCount
        sentBytes = report.sentByteCount
    }
}
