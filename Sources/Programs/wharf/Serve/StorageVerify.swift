import ArgumentParser
import BlobStorageFiles
import NIOPosix
import Settings
import Upkeep

/// `wharf storage`: looks after what is stored.
struct Storage: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "storage",
        abstract: "Look after what is stored.",
        discussion: "Example: wharf storage verify --data /srv/wharf",
        subcommands: [StorageVerify.self, StorageDamaged.self, StorageMigrate.self]
    )
}

/// `wharf storage verify`: reads everything, and exits with 1 if anything is damaged.
struct StorageVerify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Read everything that is stored and compare bytes with digests, and facts with bytes.",
        discussion: """
            The registry may run or not. Each thing that is damaged is named on a line of its own; bytes that no fact \
            names, as a crash may leave them, are named too and are no damage.

            Example: wharf storage verify --data /srv/wharf

            \(SettingsOptions.discussion)
            """
    )

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        let settings = try options.load().settings
        let threads = NIOThreadPool(numberOfThreads: 2)
        threads.start()
        let report: StorageVerification.Report
        do {
            report = try await Installation.inspecting(settings, threads).use { installation in
                try await StorageVerification(facts: installation.facts, blobs: installation.blobs) { finding in
                    print("\(finding.severity.rawValue): \(finding.sentence)")
                }.run()
            }
        } catch {
            throw Failure.explaining(error)
        }
        try await threads.shutdownGracefully()
        let what = "\(report.blobCount) blobs (\(report.byteCount) bytes) and \(report.manifestCount) manifests read"
        print("\(what): \(report.damageCount) damaged, \(report.garbageCount) left over")
        if report.damageCount > 0 { throw ExitCode(1) }
    }
}
