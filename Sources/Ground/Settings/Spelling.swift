/// How near words are to each other, for whoever guesses what was meant.
public enum Spelling {
    /// How many characters must be put in, taken out, replaced or swapped with their neighbour (Damerau's distance).
    ///
    /// Letter case does not count; of a word only the first 80 characters do, since the time is that of both together.
    public static func edits(_ left: String, _ right: String) -> Int {
        let (left, right) = (Array(left.prefix(80).lowercased()), Array(right.prefix(80).lowercased()))
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
