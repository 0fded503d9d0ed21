import AdminClient
import Documents
import Foundation

/// YAML files that together declare what is to be so, and where in them each part stands.
struct DeclarationFiles {
    /// The lists of all documents, each kind together.
    private(set) var merged: [JSONValue.Member] = []
    private let documents: [YAMLDocument]
    /// For each kind, where its items come from.
    private var origins: [String: [(document: Int, item: Int)]] = [:]
    /// For each kind, the documents that it stands in.
    private var places: [String: [Int]] = [:]

    /// Keys under which a text stands, also where it looks like a number.
    private static let textNames: Set<String> = [
        "name", "description", "subject", "repo", "actions", "effect", "roles", "members", "addresses",
    ]

    /// Reads the files; `-` is standard input.
    init(paths: [String]) throws {
        var documents: [YAMLDocument] = []
        for path in paths {
            let bytes = try InputFile.bytes(of: path, upTo: YAMLDocument.byteCountMax)
            documents += try YAMLDocument.read(bytes, named: path == "-" ? "standard input" : path)
        }
        self.documents = documents
        guard !documents.isEmpty else {
            throw Failure(description: "\(paths.joined(separator: ", ")): nothing is declared there.")
        }
        for (index, document) in documents.enumerated() { try add(document, at: index) }
    }

    private mutating func add(_ document: YAMLDocument, at index: Int) throws {
        guard case .object(let members) = try document.value(textsOf: Self.textNames) else {
            throw YAMLDocument.Problem(
                name: document.name,
                place: document.root.place,
                sentence: "a declaration begins with a key such as roles: or users:, and a list below it"
            )
        }
        for member in members where member.value != .null {
            guard case .array(let items) = member.value else {
                throw YAMLDocument.Problem(
                    name: document.name,
                    place: document.place(of: [.name(member.name)]),
                    sentence: "what stands under \(member.name) is a list: write - before each item"
                )
            }
            places[member.name, default: []].append(index)
            origins[member.name, default: []] += items.indices.map { (index, $0) }
            if let known = merged.firstIndex(where: { $0.name == member.name }) {
                guard case .array(let others) = merged[known].value else { continue }
                merged[known].value = .array(others + items)
            } else {
                merged.append(member)
            }
        }
    }

    /// All of it in JSON.
    var json: [UInt8] { JSONValue.object(merged).json() }

    /// What the server said about a part, with the file and the line of that part.
    func explaining(_ failure: AdminFailure) -> any Error {
        guard let field = failure.field, let (document, steps) = place(of: field) else { return failure }
        return YAMLDocument.Problem(
            name: documents[document].name,
            place: documents[document].place(of: steps),
            sentence: failure.message
        )
    }

    /// The document and the steps to a field that the server names, such as `roles[0].policies[1].repo`.
    private func place(of field: String) -> (document: Int, steps: [YAMLDocument.Step])? {
        var steps: [YAMLDocument.Step] = []
        for part in field.split(separator: ".") {
            let pieces = part.split(separator: "[")
            guard let name = pieces.first else { return nil }
            steps.append(.name(String(name)))
            for piece in pieces.dropFirst() {
                guard piece.hasSuffix("]"), let index = Int(piece.dropLast()) else { return nil }
                steps.append(.item(index))
            }
        }
        guard case .name(let kind)? = steps.first, let items = origins[kind] else { return nil }
        guard steps.count > 1, case .item(let index) = steps[1] else {
            // The whole kind is meant: it has one place only where it stands once.
            guard let document = places[kind], document.count == 1 else { return nil }
            return (document[0], [.name(kind)])
        }
        guard items.indices.contains(index) else { return nil }
        steps[1] = .item(items[index].item)
        return (items[index].document, steps)
    }
}
