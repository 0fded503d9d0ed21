import ArgumentParser

/// `wharf completion`: prints what makes a shell complete the words of wharf.
struct CompletionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completion",
        abstract: "Print the script that makes bash, zsh or fish complete commands, options, repositories and tags.",
        discussion: """
            Repositories and tags are asked for at the registry, with the logins of this machine and for a second at \
            most. The script asks the program itself, so it need not be made again when the program is renewed.

            Examples:
              source <(wharf completion bash)
              wharf completion bash > ~/.local/share/bash-completion/completions/wharf
              wharf completion zsh > /usr/local/share/zsh/site-functions/_wharf
              wharf completion fish > ~/.config/fish/completions/wharf.fish
            """
    )

    /// The shells.
    enum Shell: String, ExpressibleByArgument, CaseIterable {
        case bash
        case zsh
        case fish
    }

    @Argument(help: "The shell.")
    var shell: Shell

    func run() {
        print(CompletionScript.text(for: shell), terminator: "")
    }
}

/// `wharf complete`: answers the scripts of shells.
///
/// Each line of the answer is a word, maybe with a tab and what it means; a line that begins with a tab says that the
/// shell is to complete `files` or `folders`, behind the text that follows.
struct CompleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "complete",
        abstract: "Say how a line can go on; for the scripts of shells.",
        shouldDisplay: false
    )

    @Option(help: "The line as it was typed up to the cursor.")
    var line: String?

    @Argument(
        parsing: .postTerminator,
        help: "The words behind the program's name up to the cursor, the last as typed."
    )
    var words: [String] = []

    func run() async throws {
        let (before, typed) = line.map { ShellLine($0).open } ?? (Array(words.dropLast()), words.last ?? "")
        let state = TypedLine(try CommandDescription.program(), words: before, typed: typed)
        for candidate in try await state.candidates() { print(candidate.text) }
    }
}

/// How a word can go on.
enum Candidate: Equatable {
    /// A whole word, and what it means.
    case word(String, meaning: String?)
    /// A file, named behind a text that is there already.
    case file(behind: String)
    /// A folder, named behind a text that is there already.
    case folder(behind: String)

    /// A word that needs no explanation.
    static func word(_ text: String) -> Candidate { .word(text, meaning: nil) }

    /// The line for the script.
    var text: String {
        switch self {
        case .word(let text, let meaning): meaning.map { "\(text)\t\($0)" } ?? text
        case .file(let prefix): "\tfiles\t\(prefix)"
        case .folder(let prefix): "\tfolders\t\(prefix)"
        }
    }
}
