import AdminModel
import Administration
import Foundation
import NIOHTTP1

/// One request on its way to an answer.
struct Call: Sendable {
    let management: Management
    let path: [String: String]
    let query: [String: String]
    let body: [UInt8]

    /// A parameter of the path.
    subscript(name: String) -> String { path[name] ?? "" }

    /// How long a page is to be.
    var limit: Int {
        get throws {
            guard let text = query["limit"] else { return PageLimit.standard }
            guard let number = Int(text), (1...PageLimit.max).contains(number) else {
                throw Problem(.invalid, "limit is 1 to \(PageLimit.max)", field: "limit")
            }
            return number
        }
    }

    /// The key that a page begins behind.
    var after: String? { query["after"] }

    func boolean(_ name: String) throws -> Bool {
        switch query[name] {
        case nil, "false": false
        case "true": true
        default: throw Problem(.invalid, "\(name) is true or false", field: name)
        }
    }

    /// A whole number that the schema of the parameter has let through.
    func number(_ name: String) throws -> Int64? {
        guard let text = query[name] else { return nil }
        guard let number = Int64(text) else { throw Problem(.invalid, "\(name) is a whole number", field: name) }
        return number
    }

    func moment(_ name: String) throws -> Instant? {
        guard let text = query[name] else { return nil }
        guard let moment = Instant(text) else {
            throw Problem(.invalid, "\(name) is a moment, such as 2026-11-01T12:00:00Z", field: name)
        }
        return moment
    }

    /// The body as a value, checked against its schema.
    func read<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(body))
        } catch {
            throw Problem(.invalid, "the body cannot be read: \(error)")
        }
    }
}

/// What a route answers.
struct Reply: Sendable {
    var status: HTTPResponseStatus = .ok
    var type = "application/json"
    var body: [UInt8] = []
    var version: String?
    var location: String?

    /// Nothing.
    static let nothing = Reply(status: .noContent)

    /// A value.
    static func value(_ value: some Encodable, _ status: HTTPResponseStatus = .ok) throws -> Reply {
        Reply(status: status, body: try encoded(value))
    }

    /// A value that has a version.
    static func versioned(_ value: some Versioned, _ status: HTTPResponseStatus = .ok) throws -> Reply {
        Reply(status: status, body: try encoded(value), version: value.version)
    }

    /// A value that was made, and where it is.
    static func made(_ value: some Encodable, at location: String, version: String?) throws -> Reply {
        Reply(status: .created, body: try encoded(value), version: version, location: location)
    }

    static func encoded(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value))
    }
}
