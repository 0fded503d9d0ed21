import Foundation
import NIOHTTP1
import RegistryTesting
import Testing

@testable import AdminAPI

/// The OpenAPI document: complete, and right by the rules of OpenAPI 3.1.
@Suite("The OpenAPI document")
struct OpenAPITests {
    let document = OpenAPIDocument.document(prefix: "")

    @Test("has every route, and nothing that is not one")
    func hasEveryRoute() throws {
        var found: Set<String> = []
        for (path, item) in try #require(document["paths"]?.object) {
            for (method, operation) in try #require(item.object) {
                found.insert("\(method.uppercased()) \(path) \(operation["operationId"]?.string ?? "")")
            }
        }
        let routes = Routes.all.map { "\($0.method.rawValue) \($0.path) \($0.operation)" }
        #expect(found == Set(routes + ["GET /openapi.json readDescription"]))
        #expect(Set(Routes.all.map(\.operation)).count == Routes.all.count)
    }

    @Test("refers only to what it has")
    func refersToWhatThereIs() throws {
        let references = document.references
        #expect(references.count > 100)
        for reference in Set(references) {
            let steps = try #require(reference.hasPrefix("#/") ? reference.dropFirst(2).split(separator: "/") : nil)
            #expect(steps.reduce(document) { $0?[String($1)] } != nil, "\(reference)")
        }
        let schemas = try #require(document["components"]?["schemas"]?.object).keys
        let unused = schemas.filter { !references.contains("#/components/schemas/\($0)") }
        #expect(unused.isEmpty)
    }

    @Test("says of each parameter in a path what it is", arguments: Routes.all.map(\.operation))
    func namesParameters(of operation: String) throws {
        let route = try #require(Routes.all.first { $0.operation == operation })
        let shown = try #require(document["paths"]?[route.path]?[route.method.rawValue.lowercased()])
        let parameters = shown["parameters"]?.list ?? []
        func names(_ place: String) -> [String?] {
            parameters.filter { $0["in"]?.string == place }.map { $0["name"]?.string }
        }
        #expect(names("path") == route.pathParameters)
        #expect(names("query") == route.parameters.map(\.name))
        #expect(names("header").contains("If-Match") == (route.isVersioned && route.method != .GET))
        #expect(names("header").contains("Idempotency-Key") == (route.method == .POST))
    }

    @Test("is closed for what is read, so that a misspelt key is a mistake by the document too")
    func isClosed() throws {
        for name in Set(Routes.all.compactMap(\.body)) + ["Policy", "DeclaredRobot", "Member"] {
            #expect(document["components"]?["schemas"]?[name]?["additionalProperties"] == .boolean(false), "\(name)")
        }
        #expect(document["components"]?["schemas"]?["User"]?["additionalProperties"] == nil)
    }

    @Test("is valid OpenAPI 3.1, as openapi-spec-validator reads it")
    func isValid() async throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/openapi.json"
        try Data(OpenAPIDocument.text.utf8).write(to: URL(filePath: path))
        let validator = try TestPython.program("openapi-spec-validator")
        let result = try await Command(validator, ["--schema", "3.1", path]).run()
        #expect(result.status == 0, "\(result.standardOutput)\(result.standardError)")
    }

    @Test("is served to everybody, and to nobody with another method")
    func isServed() async throws {
        let office = try await TestAdministration()
        let answer = try await office.send("GET", "/api/v1/openapi.json", as: nil)
        #expect((answer.status, answer.text) == (200, OpenAPIDocument.text))
        #expect(answer[header: "Content-Type"] == "application/json")
        let refused = try await office.send("POST", "/api/v1/openapi.json", as: nil)
        #expect(refused.status == 405)
        #expect(refused[header: "Allow"] == "GET, HEAD")
    }

    @Test("names the paths as they are behind a prefix")
    func hasAPrefix() async throws {
        let office = try await TestAdministration()
        let answer = try await office.send("GET", "/behind/api/v1/openapi.json", as: nil)
        let document = try JSONValue.read(answer.body)
        #expect(document["servers"]?.list?.first?["url"]?.string == "/behind/api/v1")
        let made = try await office.send("POST", "/behind/api/v1/projects", #"{"name": "other/part"}"#)
        #expect(made[header: "Location"] == "/behind/api/v1/projects/other%2Fpart")
    }
}

extension JSONValue {
    subscript(key: String) -> JSONValue? { object?[key] }

    var object: [String: JSONValue]? {
        if case .object(let values) = self { values } else { nil }
    }

    var list: [JSONValue]? {
        if case .list(let values) = self { values } else { nil }
    }

    var string: String? {
        if case .text(let text) = self { text } else { nil }
    }

    /// The targets of all `$ref` in it.
    var references: [String] {
        switch self {
        case .object(let values):
            values.flatMap { key, value in key == "$ref" ? [value.string ?? ""] : value.references }
        case .list(let values): values.flatMap(\.references)
        default: []
        }
    }
}
