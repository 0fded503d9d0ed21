import ArgumentParser
import Auditing
import BlobStorageFiles
import NIOPosix
import Settings

/// `wharf audit`: looks at what is kept of who did what.
struct Audit: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Look at what is kept of who did what.",
        discussion: "Example: wharf audit search --principal user:alice --since 2h",
        subcommands: [AuditSearch.self, AuditExport.self, AuditVerify.self]
    )
}

/// `wharf audit verify`: walks the chain of seals, and exits with 1 if anything is not as it was sealed.
struct AuditVerify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Compare the audit with its seals and signatures.",
        discussion: """
            The registry may run or not. Each entry that was changed, removed, added or moved since it was sealed is \
            named on a line of its own, and so is each seal and signature that is wrong.

            With --expect the chain must still have a head that was kept elsewhere: one that the log of the server \
            told, or that this command printed before.

            Example: wharf audit verify --data /srv/wharf

            \(SettingsOptions.discussion)
            """
    )

    @OptionGroup var options: SettingsOptions

    @Option(help: ArgumentHelp("A head that the chain must still have.", valueName: "NUMBER:HASH"))
    var expect: String?

    func validate() throws {
        if let expect, AuditHead(expect) == nil {
            throw ValidationError("--expect takes NUMBER:HASH, as in 17:0123…cdef with 64 digits")
        }
    }

    func run() async throws {
        let settings = try options.load().settings
        let threads = NIOThreadPool(numberOfThreads: 2)
        threads.start()
        let report: AuditVerification.Report
        do {
            report = try await Installation.inspecting(settings, threads).use { installation in
                let head = expect.flatMap { AuditHead($0) }
                return try await AuditVerification(installation.facts, expecting: head) { print($0) }.run()
            }
        } catch {
            throw Failure.explaining(error)
        }
        try await threads.shutdownGracefully()
        print(
            """
            \(report.entryCount) entries under \(report.sealCount) seals, \(report.signatureCount) signatures: \
            \(report.findingCount) found wrong; \(report.unsealedCount) entries have no seal yet
            head: \(report.head.map(\.description) ?? "none")
            signed: \(report.signedHead.map(\.description) ?? "none")
            """
        )
        if report.findingCount > 0 { throw ExitCode(1) }
    }
}
