import Foundation

/// The page of the documentation that shows the tables, each between two lines that mark its place.
struct Page {
    /// Whose table it is.
    enum Place: String {
        case server
        case tools

        fileprivate var begin: String {
            self == .server ? "<!-- table begins -->\n" : "<!-- table of tools begins -->\n"
        }
        fileprivate var end: String { self == .server ? "<!-- table ends -->" : "<!-- table of tools ends -->" }
    }

    var path: String

    func replaceTable(_ place: Place, with text: String) throws {
        let page = try String(contentsOfFile: path, encoding: .utf8)
        guard let begin = page.firstRange(of: place.begin), let end = page.firstRange(of: place.end),
            begin.upperBound <= end.lowerBound
        else { throw Failure("\(path) has no place for the table of the \(place.rawValue)") }
        let result = page[..<begin.upperBound] + text + page[end.lowerBound...]
        try String(result).write(toFile: path, atomically: true, encoding: .utf8)
    }
}
