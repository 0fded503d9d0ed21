import Foundation

/// The page of the documentation that shows the table, between two lines that mark its place.
struct Page {
    private static let begin = "<!-- table begins -->\n"
    private static let end = "<!-- table ends -->"

    var path: String

    func replaceTable(with text: String) throws {
        let page = try String(contentsOfFile: path, encoding: .utf8)
        guard let begin = page.firstRange(of: Self.begin), let end = page.firstRange(of: Self.end),
            begin.upperBound <= end.lowerBound
        else { throw Failure("\(path) has no place for the table") }
        let result = page[..<begin.upperBound] + text + page[end.lowerBound...]
        try String(result).write(toFile: path, atomically: true, encoding: .utf8)
    }
}
