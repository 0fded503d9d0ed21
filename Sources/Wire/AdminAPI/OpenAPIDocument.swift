import AdminModel
import Foundation
import NIOHTTP1

/// The OpenAPI 3.1 document of the API, made of the table of routes and the table of objects.
enum OpenAPIDocument {
    /// The document in JSON, for an API without a prefix.
    static let text = text(prefix: "")

    /// The document in JSON, for an API behind what stands before the paths of the whole registry.
    static func text(prefix: String) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        guard let bytes = try? encoder.encode(document(prefix: prefix)) else { return "{}" }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func document(prefix: String) -> JSONValue {
        [
            "openapi": "3.1.0",
            "info": [
                "title": "wharf management API",
                "version": "1",
                "description": .text(description),
            ],
            "servers": [["url": .text(prefix + AdminResponder.root)]],
            "security": [["basic": []], ["bearer": []]],
            "paths": paths,
            "components": [
                "schemas": .object(OpenAPISchemas.components),
                "headers": .object(OpenAPIOperations.headers),
                "responses": .object(OpenAPIOperations.refusals),
                "securitySchemes": [
                    "basic": [
                        "type": "http", "scheme": "basic",
                        "description": "A name with the password, or with a secret that was handed out for it.",
                    ],
                    "bearer": [
                        "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                        "description": "A token of the token service.",
                    ],
                ],
            ],
        ]
    }

    private static let description = """
        Accounts, credentials, projects, roles and rules of a wharf registry. Bodies are JSON; a key that is not \
        known is refused, and so is null. Whatever is not a success has a body with a code and a message. A list \
        comes in pages: give the `next` of one as `after` for the following one. An entity tag guards a change \
        against one that came between (`If-Match`); an `Idempotency-Key` makes a repeated POST harmless, and is to be \
        a secret of its sender. Other methods on a path are answered with 405, and HEAD as GET.
        """

    private static var paths: JSONValue {
        var paths: [String: JSONValue] = ["/openapi.json": own]
        for (path, routes) in Dictionary(grouping: Routes.all, by: \.path) {
            paths[path] = .object(
                Dictionary(routes.map { ($0.method.rawValue.lowercased(), OpenAPIOperations.operation($0)) }) {
                    _,
                    last in
                    last
                }
            )
        }
        return .object(paths)
    }

    /// The document itself, for which nobody need log in.
    private static let own: JSONValue = [
        "get": [
            "operationId": "readDescription",
            "summary": "This document.",
            "tags": ["openapi.json"],
            "security": [],
            "responses": [
                "200": [
                    "description": "The document.",
                    "content": ["application/json": ["schema": ["type": "object"]]],
                ]
            ],
        ]
    ]
}
