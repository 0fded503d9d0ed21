import ArgumentParser
import Auditing
import Logging
import NIOPosix
import Settings
import Synchronization
import Upkeep

/// `wharf storage migrate`: moves an installation into other stores.
struct StorageMigrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Move an installation: to PostgreSQL, to a bucket, to another folder, and back.",
        discussion: """
            Both files are configurations of a server. The server of the old one must have ended; the new one must be \
            empty, and have a data folder, a database and a bucket or prefix of its own. Everything is moved as it is: \
            images, tags and their history, accounts, passwords, tokens, keys, the audit with its seals. Only uploads \
            in progress begin anew.

            The old installation is read and not changed. What is broken off, by Ctrl-C or a crash, goes on with the \
            same command; until it has come to its end no server starts with the new one. In the end both sides are \
            compared row by row.

            WHARF_… variables and flags for keys are about the old one; the new one is what its file says.

            Examples:
              wharf storage migrate --config old.yaml --to new.yaml --dry-run
              wharf storage migrate --config old.yaml --to new.yaml

            \(SettingsOptions.discussion)
            """
    )

    @Option(help: ArgumentHelp("The YAML file of the new installation's settings.", valueName: "file"))
    var to: String

    @Flag(help: "Say what would be moved, look whether the new stores are ready for it, and change nothing.")
    var dryRun = false

    @Flag(help: "Name blobs that are damaged or missing, leave them behind, and end with 2.")
    var leaveDamaged = false

    @Option(help: ArgumentHelp("How many blobs move at once.", valueName: "count"))
    var parallel = StorageMigration.parallelUsual

    @Flag(name: .shortAndLong, help: "Show no progress.")
    var quiet = false

    @OptionGroup var options: SettingsOptions

    func validate() throws {
        guard (1...64).contains(parallel) else { throw ValidationError("--parallel is from 1 to 64") }
    }

    func run() async throws {
        let old = try options.load().settings
        let new = try ServerSettings.load(file: to, environment: [:], arguments: []).settings
        let leftCount = Mutex(0)
        try await Interruption.ending {
            do {
                let report = try await move(old, new)
                leftCount.withLock { $0 = report.blobCountLeft }
            } catch {
                throw Failure.explaining(error)
            }
        }
        if leftCount.withLock({ $0 }) > 0 { throw ExitCode(ExitStatus.partly.rawValue) }
    }

    private func move(_ old: ServerSettings, _ new: ServerSettings) async throws -> StorageMigration.Report {
        let threads = NIOThreadPool(numberOfThreads: parallel + 2)
        threads.start()
        let log = Logger(old.log)
        try Installation.demandApart(old, new)
        let report = try await Installation.leaving(old, threads: threads, log: log).use { source in
            guard !dryRun else { return try await preview(source, old, new, threads, log) }
            let target = try await Installation.filling(new, beside: old, threads: threads, log: log)
            return try await target.use { try await move(source.stores, $0.stores) }
        }
        if dryRun {
            let state = report.isResumed ? "holds the rest of this migration, which would go on" : "empty"
            print("would move: \(report.summary)\nthe new installation: \(state)")
        } else {
            print(
                """
                moved: \(report.summary)
                compared: \(report.tables.count) tables with \(HumanText.count(report.rowCount, "row")), all equal
                The new installation can be served: wharf serve --config \(to). The old one is as it was.
                """
            )
        }
        try await threads.shutdownGracefully()
        return report
    }

    private func preview(
        _ source: Installation,
        _ old: ServerSettings,
        _ new: ServerSettings,
        _ threads: NIOThreadPool,
        _ log: Logger
    ) async throws -> StorageMigration.Report {
        try await Survey.of(new, beside: old, threads: threads, log: log).use { survey in
            try await StorageMigration.preview(from: source.stores, to: survey.place)
        }
    }

    private func move(
        _ source: StorageMigration.Stores,
        _ target: StorageMigration.Stores
    ) async throws -> StorageMigration.Report {
        let display = ProgressDisplay.standard(quiet: quiet)
        let progress = MigrationProgress(display)
        let migration = StorageMigration(
            from: source,
            to: target,
            parallel: parallel,
            leavesDamaged: leaveDamaged,
            observer: progress
        )
        defer { progress.tellWaiting() }
        return try await display.whileShown {
            try await migration.run { facts in
                let audit = try await AuditVerification(facts) { progress.remark("the audit: \($0)") }.run()
                guard audit.findingCount > 0 else { return }
                progress.remark(
                    "the audit has \(HumanText.count(audit.findingCount, "finding")), which the old one has too: it "
                        + "was moved as it is"
                )
            }
        }
    }
}

extension StorageMigration.Report {
    /// For people.
    fileprivate var summary: String {
        var text = "\(HumanText.count(Int(blobCount), "blob")) (\(byteCount) bytes)"
        if blobCountBefore > 0 { text += ", of which \(blobCountBefore) had come with an earlier run" }
        if blobCountLeft > 0 {
            text +=
                "; of these \(HumanText.count(blobCountLeft, "blob")) stays behind, damaged or missing, until its "
                + "bytes are pushed again"
        }
        guard uploadCount > 0 else { return text }
        return text + "; \(HumanText.count(uploadCount, "upload")) in progress stays behind and begins anew"
    }
}
