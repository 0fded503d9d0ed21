import ArgumentParser
import BlobStorage
import Logging
import Metadata
import Settings

/// `wharf serve`: runs the registry in the foreground.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the registry.",
        discussion: """
            Example: wharf serve --listen 127.0.0.1:5000 --data /srv/wharf

            \(SettingsOptions.discussion)
            """
    )

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        let settings = try options.load().settings
        do {
            try await ServerRun(settings: settings, log: Logger(settings.log)).run()
        } catch {
            throw Failure.explaining(error)
        }
    }
}
