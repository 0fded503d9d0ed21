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
            return (name, min(begun, edits(word, name), edits(word, last)))
        }
        return scored.min { $0.1 < $1.1 }?.0 ?? ""
    }

    /// How many characters must be put in, taken out, replaced or swapped with their neighbour (Damerau's distance).
    static func edits(_ left: String, _ right: String) -> Int {
        let (left, right) = (Array(left.lowercased()), Array(right.lowercased()))
        var rows = [Array(0...right.count)]
        for (i, character) in left.enumerated() {
            var row = [i + 1]
            for (j, other) in right.enumerated() {
                var least = min(rows[i][j] + (character == other ? 0 : 1), rows[i][j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, character == right[j - 1], left[i - 1] == other {
                    least = min(least, rows[i - 1][j - 1] + 1)
                }
                row.append(least)
            }
            rows.append(row)
        }
        return rows[left.count][right.count]
    }
}
