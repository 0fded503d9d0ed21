/// The names that somebody may have meant who wrote another one.
enum NearestNames {
    /// How many are named.
    private static let countMax = 5
    /// Of more than this none is compared.
    private static let candidateCountMax = 10_000

    /// The nearest first: what begins alike or differs by few letters.
    static func of(_ wanted: String, among names: [String]) -> [String] {
        let letters = Array(wanted.lowercased().utf8)
        let limit = max(2, letters.count / 3)
        let near = names.prefix(candidateCountMax).compactMap { name -> (name: String, distance: Int)? in
            let other = Array(name.lowercased().utf8)
            if other.starts(with: letters) || letters.starts(with: other) { return (name, min(1, limit)) }
            let distance = distance(letters, other)
            return distance <= limit ? (name, distance) : nil
        }
        return near.sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.prefix(countMax).map(\.name)
    }

    /// How many letters must be changed, put in or left out (Levenshtein).
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (index, letter) in left.enumerated() {
            var above = row[0]
            row[0] = index + 1
            for (column, other) in right.enumerated() {
                let change = above + (letter == other ? 0 : 1)
                above = row[column + 1]
                row[column + 1] = min(change, above + 1, row[column] + 1)
            }
        }
        return row[right.count]
    }
}
