import Foundation

/// What should be, as matrix.txt has it.
struct Matrix: Sendable {
    /// What a cell says.
    enum Cell: Hashable, Sendable, CustomStringConvertible {
        /// Any success.
        case allowed
        case status(Int)

        init?(_ text: some StringProtocol) {
            if text == "ok" {
                self = .allowed
            } else {
                guard let status = Int(text) else { return nil }
                self = .status(status)
            }
        }

        func includes(_ status: Int) -> Bool {
            switch self {
            case .allowed: (200..<300).contains(status)
            case .status(let wanted): status == wanted
            }
        }

        var description: String {
            switch self {
            case .allowed: "ok"
            case .status(let status): "\(status)"
            }
        }
    }

    /// By the name of the request.
    private(set) var rows: [String: [Caller: Cell]] = [:]
    /// What cannot be read, as sentences.
    private(set) var problems: [String] = []

    /// Reads the file.
    init(_ text: String) {
        var columns: [Caller] = []
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            // Names have single spaces, and the longest still one before its cells.
            let words = line.split(separator: " ")
            guard !columns.isEmpty else {
                columns = words.compactMap { Caller(rawValue: String($0)) }
                if words.first != "request" || columns != Caller.allCases {
                    problems.append("the first line names other columns than there are")
                }
                continue
            }
            let cells = words.suffix(columns.count).compactMap { Cell($0) }
            let name = words.dropLast(columns.count).joined(separator: " ")
            guard cells.count == columns.count, !name.isEmpty else {
                problems.append("not a name and a cell for each caller: \(line)")
                continue
            }
            if rows.updateValue(Dictionary(zip(columns, cells)) { first, _ in first }, forKey: name) != nil {
                problems.append("two lines of \(name)")
            }
        }
    }

    /// The file of the tests.
    static func load() throws -> Matrix {
        guard let url = Bundle.module.url(forResource: "matrix", withExtension: "txt") else {
            throw Missing(what: "matrix.txt")
        }
        return Matrix(try String(contentsOf: url, encoding: .utf8))
    }

    /// Every request that has a line, or should have.
    static let requests = Endpoint.rows + OtherRequests.rows + ManagementRequests.rows
}
