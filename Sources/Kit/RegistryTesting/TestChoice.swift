import Foundation

/// Something that a variable of the environment chooses for all tests of a run.
protocol TestChoice: CaseIterable, RawRepresentable where RawValue == String {}

extension TestChoice {
    /// What a variable says; `usual` where it says nothing.
    static func chosen(by variable: String, usual: Self) -> Self {
        guard let text = ProcessInfo.processInfo.environment[variable] else { return usual }
        guard let choice = Self(rawValue: text) else {
            let all = allCases.map(\.rawValue).joined(separator: ", ")
            preconditionFailure("\(variable) is \(text), and may be: \(all)")
        }
        return choice
    }
}
