import AdminClient
import AdminModel
import ArgumentParser
import Foundation

/// Which entries of the audit are meant.
struct AuditSelection: ParsableArguments {
    @Option(help: ArgumentHelp("Who, such as user:alice, robot:team+ci, anonymous, local.", valueName: "who"))
    var principal: String?

    @Option(help: ArgumentHelp("What was done: user.create, or 'user.*' for all that begins so.", valueName: "action"))
    var action: String?

    @Option(help: ArgumentHelp("To what: user:bob, team/app:1, or 'team/*' for all that begins so.", valueName: "what"))
    var target: String?

    @Option(help: "How it went: allowed, denied or failed.")
    var outcome: String?

    @Option(help: ArgumentHelp("Not before: 2h ago as 2h, a day, or a moment.", valueName: "time"))
    var since: PastMoment?

    @Option(help: ArgumentHelp("Before: 2h ago as 2h, a day, or a moment.", valueName: "time"))
    var until: PastMoment?

    /// The entries, the newest first.
    func entries(of client: AdminClient) -> AdminPages<AuditEntry> {
        client.audit([
            ("principal", principal), ("action", action), ("target", target), ("outcome", outcome),
            ("since", since?.moment.description), ("until", until?.moment.description),
        ])
    }
}

/// A moment in the past: a span before now, or a moment of RFC 3339, or a day.
struct PastMoment: ExpressibleByArgument, Sendable {
    let moment: Instant

    init?(argument: String) {
        if let span = TimeSpan(argument: argument) {
            moment = Instant(
                microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000) - Int64(span.seconds) * 1_000_000
            )
        } else if let moment = Instant(argument) {
            self.moment = moment
        } else {
            return nil
        }
    }
}
