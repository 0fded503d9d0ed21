import Foundation

/// Programs from PyPI, where `Scripts/install-test-parties` puts them.
enum TestPython {
    /// The folder of the package.
    private static let project = URL(filePath: #filePath).appending(path: "../../..").standardized.path

    /// The path of a program; throws, saying how to install it, where it is not there.
    static func program(_ name: String) throws -> String {
        let path = "\(project)/.build-parties/api/bin/\(name)"
        guard FileManager.default.isExecutableFile(atPath: path) else { throw Missing(name: name) }
        return path
    }

    /// A program that is not installed.
    struct Missing: Error, CustomStringConvertible {
        let name: String

        var description: String {
            "The tests of the API need \(name), which this machine lacks. Install it with: "
                + "Scripts/install-test-parties test"
        }
    }
}
