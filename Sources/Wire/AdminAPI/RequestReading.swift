import AdminModel
import Administration
import Foundation
import HTTPServing
import Hashing
import Identity
import NIOCore
import NIOHTTP1

/// Path and query of a request below the root of the API.
struct RequestTarget {
    /// The parts between slashes, each decoded; the first is empty.
    let path: [String]
    private let queryText: Substring?

    /// Throws ``Problem`` for what cannot be decoded.
    init(_ text: Substring) throws {
        let halves = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path =
            try halves.first.map { half in
                try half.split(separator: "/", omittingEmptySubsequences: false).map { part in
                    guard let decoded = part.removingPercentEncoding, decoded.utf8.count <= Self.partByteCountMax else {
                        throw Problem(.invalid, "the path cannot be read: a part of it is too long, or badly encoded")
                    }
                    guard decoded.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else {
                        throw Problem(.invalid, "the path has a control character in it")
                    }
                    return decoded
                }
            } ?? []
        queryText = halves.count == 2 ? halves[1] : nil
    }

    /// The longest part of a path, in bytes.
    private static let partByteCountMax = 512

    /// The parameters of the query, each of them one that the route knows.
    func query(for route: Route) throws -> [String: String] {
        var values: [String: String] = [:]
        for pair in queryText?.split(separator: "&") ?? [] {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map {
                $0.replacing("+", with: " ").removingPercentEncoding
            }
            guard let name = sides[0], let value = sides.count == 2 ? sides[1] : "" else {
                throw Problem(.invalid, "the query is badly encoded")
            }
            guard let parameter = route.parameters.first(where: { $0.name == name }) else {
                let known = route.parameters.map(\.name).joined(separator: ", ")
                throw Problem(
                    .invalid,
                    "there is no parameter \(name.prefix(100)): there are \(known.isEmpty ? "none" : known)",
                    field: String(name.prefix(100))
                )
            }
            guard values.updateValue(value, forKey: parameter.name) == nil else {
                throw Problem(.invalid, "the parameter \(name) is given twice", field: name)
            }
            guard value.utf8.count <= Self.valueByteCountMax,
                value.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
            else { throw Problem(.invalid, "the parameter \(name) has a value that cannot be", field: name) }
            try parameter.schema.check(parameter: value, name)
        }
        if let missing = route.parameters.first(where: { $0.isRequired && values[$0.name] == nil }) {
            throw Problem(.invalid, "the parameter \(missing.name) is missing", field: missing.name)
        }
        return values
    }

    /// The longest value of a parameter, in bytes.
    private static let valueByteCountMax = 1024
}

/// What of a request is read besides its target.
enum RequestReading {
    /// The longest body that is read, in bytes; a declaration may be longer.
    private static let byteCountMax = 1 << 20
    private static let declarationByteCountMax = 8 << 20

    /// Throws ``Problem`` for a change that a page of another site has made a browser send, with the password that the
    /// browser remembers: it says so by `Origin` (RFC 6454 section 7).
    static func demandOwnOrigin(of request: ServerRequest) throws {
        let isChange = request.method != .GET && request.method != .HEAD
        guard isChange, let origin = request.headers.first(name: "origin") else { return }
        let hosts = ["host", "x-forwarded-host"].compactMap { request.headers.first(name: $0) }
        let own = hosts.flatMap { ["http://\($0)", "https://\($0)"] }
        guard own.contains(where: { $0.utf8.elementsEqual(origin.utf8) }) else {
            throw Problem(.denied, "a page of another site may not change anything")
        }
    }

    /// The body, found to be of the route's schema.
    static func body(of request: ServerRequest, for route: Route, in share: BodyRoom.Share) async throws -> [UInt8] {
        guard let schema = route.body else { return [] }
        let type = request.headers.first(name: "content-type")?.split(separator: ";").first.map(String.init)
        // No form of a web page can send this: the browser asks first.
        guard type?.trimmingCharacters(in: .whitespaces).lowercased() == "application/json" else {
            throw Problem(.unsupportedMediaType, "the body is JSON: say Content-Type: application/json")
        }
        let limit = schema == "Declaration" ? declarationByteCountMax : byteCountMax
        let bytes = try await read(request, upTo: limit, in: share)
        let value: JSONValue
        do {
            value = try JSONValue.read(bytes)
        } catch {
            throw Problem(.invalid, "the body is not JSON")
        }
        try Schema.object(schema).check(value, at: "")
        // What was looked at is what is read: of a key that came twice, one.
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value))
    }

    private static func read(
        _ request: ServerRequest,
        upTo byteCountMax: Int,
        in share: BodyRoom.Share
    ) async throws -> [UInt8] {
        if let declared = request.body.declaredByteCount, declared > Int64(byteCountMax) {
            throw Problem(.tooLarge, "the body is longer than \(byteCountMax) bytes")
        }
        var bytes: [UInt8] = []
        while let batch = try await request.body.next(upTo: 64 << 10) {
            try share.take(batch.reduce(0) { $0 + $1.readableBytes })
            for buffer in batch { bytes.append(contentsOf: buffer.readableBytesView) }
            guard bytes.count <= byteCountMax else {
                throw Problem(.tooLarge, "the body is longer than \(byteCountMax) bytes")
            }
        }
        return bytes
    }

    /// What must be so of the thing that is changed.
    static func condition(of request: ServerRequest, for route: Route) throws -> Precondition {
        var condition = Precondition()
        let isChange = route.method != .GET
        if isChange, !route.isVersioned,
            let name = ["if-match", "if-none-match"].first(where: { request.headers.contains(name: $0) })
        {
            throw Problem(.invalid, "this operation is bound to no version: it takes no \(name)", field: name)
        }
        if isChange, let text = request.headers.first(name: "if-none-match") {
            guard text == "*" else { throw Problem(.invalid, "of a change If-None-Match is * alone") }
            condition.mustBeNew = true
        }
        guard isChange, request.headers.contains(name: "if-match") else { return condition }
        let tags = request.headers[canonicalForm: "if-match"].map(String.init)
        if tags == ["*"] {
            condition.mustExist = true
        } else {
            condition.versions = tags.compactMap(EntityTag.version)
        }
        return condition
    }

    /// The idempotency key of a POST.
    static func key(of request: ServerRequest, for route: Route, body: [UInt8]) throws -> IdempotencyKey? {
        guard let text = request.headers.first(name: "idempotency-key") else { return nil }
        guard route.method == .POST else { return nil }
        guard IdempotencyKey.byteCounts.contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            throw Problem(
                .invalid,
                "an idempotency key is \(IdempotencyKey.byteCounts.lowerBound) to "
                    + "\(IdempotencyKey.byteCounts.upperBound) visible characters that nobody guesses",
                field: "idempotency-key"
            )
        }
        let asked = Array("\(request.method.rawValue) \(request.target)\n".utf8) + body
        return IdempotencyKey(Secret(text), request: "\(ContentHash.digest(of: asked))")
    }
}

/// Entity tags (RFC 9110 section 8.8.3): the version of a thing in quotes.
enum EntityTag {
    static func text(_ version: String) -> String { "\"\(version)\"" }

    /// The version in a tag; nil for a weak one, which no change can be bound to.
    static func version(_ text: String) -> String? {
        guard text.utf8.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") else { return nil }
        return String(text.dropFirst().dropLast())
    }
}
