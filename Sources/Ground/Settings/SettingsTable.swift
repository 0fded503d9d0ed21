/// All keys of a program, the defaults, and what a section of keys is about.
struct SettingsTable<Root: Sendable>: Sendable {
    /// What holds where nothing is said.
    let defaults: Root
    /// The first words of keys, in the order of the documentation, each with a sentence.
    let sections: [(name: String, sentence: String)]
    /// The keys, in the order of the documentation.
    let declarations: [SettingDeclaration<Root>]
    /// What is wrong with values that are each right alone.
    let contradictions: @Sendable (Root) -> [SettingProblem]

    /// The known word that is the fewest edits away from `word`.
    ///
    /// A key is also near when only its last word is, or begins so: `listen` at the top of a file means `http.listen`.
    static func nearest(to word: String, among known: [String]) -> String {
        let scored = known.map { name in
            let last = name.split(separator: ".").last.map(String.init) ?? name
            let begun = last.hasPrefix(word) ? 1 : Int.max
            return (name, min(begun, Spelling.edits(word, name), Spelling.edits(word, last)))
        }
        return scored.min { $0.1 < $1.1 }?.0 ?? ""
    }
}
