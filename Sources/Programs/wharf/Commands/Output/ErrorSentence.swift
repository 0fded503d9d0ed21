import RegistryContract

/// What went wrong, as a sentence.
enum ErrorSentence {
    /// The sentence of an error that has one; else what others found to say.
    static func text(of error: any Error, else other: String) -> String {
        let text = (error as? RegistryError)?.message ?? other
        guard let first = text.first else { return text }
        let ending = text.last.map { ".!?:)…\n".contains($0) } ?? true
        return first.uppercased() + text.dropFirst() + (ending ? "" : ".")
    }
}
