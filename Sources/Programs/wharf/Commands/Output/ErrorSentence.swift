import RegistryContract

/// What went wrong, as a sentence.
enum ErrorSentence {
    /// The sentence of an error that has one; else what others found to say.
    static func text(of error: any Error, else other: String) -> String {
        let text = (error as? RegistryError)?.message ?? other
        guard let first = text.first else { return text }
        // A name such as user:alice or wharf.yaml stays as it is, and so does whatever was typed.
        let word = text.prefix { $0 != " " }
        let isWord =
            word.allSatisfy { $0.isLetter || $0 == "," || $0 == "'" } && !isTyped(word.prefix(while: \.isLetter))
        let ending = text.last.map { ".!?:)…\n".contains($0) } ?? true
        return (isWord ? first.uppercased() : String(first)) + text.dropFirst() + (ending ? "" : ".")
    }

    /// Whether a word stands in the command line, alone or as a part of a path or a reference.
    private static func isTyped(_ word: Substring) -> Bool {
        CommandLine.arguments.dropFirst().contains { argument in
            argument.split { !$0.isLetter }.contains { $0 == word }
        }
    }
}
