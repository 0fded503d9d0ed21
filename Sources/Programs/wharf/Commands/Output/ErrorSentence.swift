import RegistryContract

/// What went wrong, as a sentence.
enum ErrorSentence {
    /// The sentence of an error that has one; else what others found to say.
    static func text(of error: any Error, else other: String) -> String {
        let text = (error as? RegistryError)?.message ?? other
        guard let first = text.first else { return text }
        // A name such as user:alice or wharf.yaml stays as it is.
        let isWord = text.prefix { $0 != " " }.allSatisfy { $0.isLetter || $0 == "," || $0 == "'" }
        let ending = text.last.map { ".!?:)…\n".contains($0) } ?? true
        return (isWord ? first.uppercased() : String(first)) + text.dropFirst() + (ending ? "" : ".")
    }
}
