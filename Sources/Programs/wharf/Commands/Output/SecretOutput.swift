import Foundation

/// How a secret that was made is handed to whoever asked for it.
///
/// On a terminal it has its name before it. Elsewhere it is alone on the one line of standard output, so that
/// `TOKEN=$(wharf token create …)` holds the secret and nothing else. All other words go to standard error.
enum SecretOutput {
    /// Prints a secret, once.
    static func print(_ secret: String, as name: String) {
        Swift.print(isatty(STDOUT_FILENO) == 1 ? "\(name): \(secret)" : secret)
    }
}

/// What a command says beside what it was asked for.
enum Remark {
    /// Says a sentence on standard error; words of others in it do nothing to a terminal.
    static func print(_ sentence: String) {
        try? FileHandle.standardError.write(contentsOf: Data("\(ShownText.lines(sentence))\n".utf8))
    }
}
