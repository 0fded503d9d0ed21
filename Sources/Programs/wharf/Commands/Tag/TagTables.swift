import AdminModel

extension TagRule: TableRow {
    static let columns = ["NAME", "KIND", "TAGS", "REPOSITORIES", "ROLES"]
    var cells: [String] {
        let who = kind == .immutable ? "-" : roles?.joined(separator: ", ") ?? "managers"
        return [name, kind.rawValue, tags?.short ?? "all", repositories?.short ?? "all", who]
    }
}

extension NamePatterns {
    /// In a line.
    fileprivate var short: String {
        let all = include?.joined(separator: ", ") ?? "all"
        return exclude.map { "\(all) but \($0.joined(separator: ", "))" } ?? all
    }
}

extension TagLock: TableRow {
    static let columns = ["TAG", "LOCKED", "BY", "REASON"]
    var cells: [String] { [tag, lockedAt.short, lockedBy, reason] }
}

extension TagGlass: TableRow {
    static let columns = ["TAG", "BROKEN", "ENDS", "BY", "REASON"]
    var cells: [String] { [tag, brokenAt.short, endsAt.short, brokenBy, reason] }
}
