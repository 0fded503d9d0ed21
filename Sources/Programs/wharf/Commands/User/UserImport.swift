import AdminClient
import AdminModel
import ArgumentParser
import Identity

/// `wharf user import`: brings in users and their passwords from a htpasswd file with bcrypt.
struct UserImport: ManagementCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Bring in users and their passwords from a htpasswd file with bcrypt.",
        discussion: """
            All lines are checked before the first user is made.

            Example: wharf user import /etc/nginx/htpasswd
            """
    )

    @Argument(help: "The file, as `htpasswd -B` writes it; - for standard input.")
    var file: String

    @Flag(help: "Give users that are there already the password of the file, too.")
    var replace = false

    @OptionGroup var connection: ConnectionOptions

    func run(with client: AdminClient) async throws {
        let entries: [HtpasswdFile.Entry]
        do {
            entries = try HtpasswdFile(try InputFile.bytes(of: file, upTo: HtpasswdFile.byteCountMax)).entries
        } catch let refusal as HtpasswdFile.Refusal {
            throw Failure(description: refusal.problems.map { "\(file): \($0)" }.joined(separator: "\n"))
        }
        var failureCount = 0
        for entry in entries {
            do {
                let password = PasswordImport(hash: entry.password.description)
                _ = try await client.importPassword(of: entry.name, password, if: replace ? .none : .isNew)
                print(entry.name)
            } catch let failure as AdminFailure
                where [.invalid, .unprocessable, .conflict, .changed].contains(failure.code)
            {
                failureCount += 1
                let isThere = failure.code == .changed
                let reason = isThere ? "there is such a user already: --replace gives it this password" : "\(failure)"
                Remark.print("\(file): line \(entry.line): \(entry.name): \(reason)")
            }
        }
        Remark.print("\(entries.count - failureCount) of \(entries.count) users are imported.")
        if failureCount > 0 { throw ExitCode.failure }
    }
}
