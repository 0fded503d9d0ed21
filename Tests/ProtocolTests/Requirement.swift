import Testing

/// Says which lines of `requirements.txt` a test shows.
struct Requirement: TestTrait, SuiteTrait {
    let ids: [String]
}

extension Trait where Self == Requirement {
    /// The ids of the requirements that a test shows.
    static func requires(_ ids: String...) -> Self {
        Requirement(ids: ids)
    }
}
