import AdminModel
import NIOHTTP1

/// One method on one path: what it reads, what it does, what it answers.
///
/// The table of all routes, ``Routes/all``, is what the server serves, what its OpenAPI document says, and what the
/// tests of access go through.
public struct Route: Sendable {
    /// A parameter of the query.
    struct Parameter: Sendable {
        var name: String
        var schema: Schema
        var isRequired: Bool
        var description: String

        static func optional(_ name: String, _ schema: Schema, _ description: String) -> Parameter {
            Parameter(name: name, schema: schema, isRequired: false, description: description)
        }

        static func required(_ name: String, _ schema: Schema, _ description: String) -> Parameter {
            Parameter(name: name, schema: schema, isRequired: true, description: description)
        }
    }

    /// What a successful answer is.
    enum Answer: Sendable {
        /// An object, with the status.
        case object(String, HTTPResponseStatus)
        /// A page of objects.
        case page(String)
        /// Nothing: 204.
        case nothing
        /// Lines of objects.
        case lines(String)
    }

    /// The method.
    public let method: HTTPMethod
    /// The path below `/api/v1`, with the names of its parameters in braces: `/users/{name}`.
    public let path: String
    /// The name of the operation.
    public let operation: String
    let summary: String
    let parameters: [Parameter]
    /// The name of the object that is read.
    let body: String?
    let answer: Answer
    /// Whether the answer has an entity tag, and a change can be bound to one.
    let isVersioned: Bool
    /// Whether the answer says where that is which was made, and its entity tag.
    let isLocated: Bool
    let handle: @Sendable (Call) async throws -> Reply

    init(
        _ method: HTTPMethod,
        _ path: String,
        _ operation: String,
        _ summary: String,
        parameters: [Parameter] = [],
        body: String? = nil,
        answer: Answer,
        isVersioned: Bool = false,
        isLocated: Bool = false,
        handle: @escaping @Sendable (Call) async throws -> Reply
    ) {
        self.method = method
        self.path = path
        self.operation = operation
        self.summary = summary
        self.parameters = parameters
        self.body = body
        self.answer = answer
        self.isVersioned = isVersioned
        self.isLocated = isLocated
        self.handle = handle
    }

    /// The type of lines of objects.
    static let linesType = "application/x-ndjson"

    /// The names of the parameters in the path.
    var pathParameters: [String] {
        path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
    }

    /// What a parameter of the path is: what is of another form is not there.
    func pathSchema(of parameter: String) -> Schema {
        switch (path.split(separator: "/").first, parameter) {
        case (_, "subject"): .subject
        case ("robots", "name"): .robotName
        case ("projects", "name"): .projectName
        case (_, "scope"): .readOnlyScope
        case ("jobs", "id"), ("trash", "id"): .jobNumber
        case ("gc", "digest"): .digest
        case ("repositories", "name"): .projectName
        case ("job-schedules", "name"): .jobKind
        case (_, "name"), ("projects", "rule"): .accountName
        default: .identifier
        }
    }
}

/// The parts of a path, and how they fit a route.
struct PathPattern: Sendable {
    private let parts: [Substring]

    init(_ path: String) {
        parts = path[...].split(separator: "/", omittingEmptySubsequences: false)
    }

    /// The values of the parameters; nil where the path is another.
    func match(_ given: [String]) -> [String: String]? {
        guard given.count == parts.count else { return nil }
        var values: [String: String] = [:]
        for (part, text) in zip(parts, given) {
            if part.hasPrefix("{") {
                guard !text.isEmpty else { return nil }
                values[String(part.dropFirst().dropLast())] = text
            } else if part != text {
                return nil
            }
        }
        return values
    }
}
