import Administration
import NIOHTTP1

/// The routes as operations of OpenAPI 3.1.
enum OpenAPIOperations {
    static func operation(_ route: Route) -> JSONValue {
        var operation: [String: JSONValue] = [
            "operationId": .text(route.operation),
            "summary": .text(route.summary),
            "tags": [.text(route.path.split(separator: "/").first.map(String.init) ?? "")],
            "responses": .object(answers(of: route)),
        ]
        let parameters = parameters(of: route)
        if !parameters.isEmpty { operation["parameters"] = .list(parameters) }
        if let body = route.body {
            operation["requestBody"] = [
                "required": true,
                "content": ["application/json": ["schema": OpenAPISchemas.reference(body)]],
            ]
        }
        return .object(operation)
    }

    // MARK: Parameters

    private static func parameters(of route: Route) -> [JSONValue] {
        let path = route.pathParameters.map { name in
            parameter(name, "path", OpenAPISchemas.value(route.pathSchema(of: name)), isRequired: true, nil)
        }
        let query = route.parameters.map { one in
            // No value of a query has a control character, or is longer than a key of a page.
            let schema = one.schema == .text ? .pageKey : one.schema
            return parameter(
                one.name,
                "query",
                OpenAPISchemas.value(schema),
                isRequired: one.isRequired,
                one.description
            )
        }
        return path + query + headerParameters(of: route)
    }

    private static func headerParameters(of route: Route) -> [JSONValue] {
        var parameters: [JSONValue] = []
        func add(_ name: String, _ schema: JSONValue, _ description: String) {
            parameters.append(parameter(name, "header", schema, isRequired: false, description))
        }
        if route.isVersioned, route.method == .GET {
            add("If-None-Match", ["type": "string"], "The entity tag that is known: 304 where it is still so.")
        }
        if route.isVersioned, route.method != .GET {
            add("If-Match", ["type": "string"], "The entity tag that it must have; `*` for any, if only it is there.")
        }
        if route.isVersioned, route.method == .PUT {
            add("If-None-Match", ["type": "string", "enum": ["*"]], "`*`: only where there is none yet.")
        }
        if route.method == .POST {
            let counts = IdempotencyKey.byteCounts
            let schema: JSONValue = [
                "type": "string", "pattern": "^[!-~]*$", "minLength": .integer(Int64(counts.lowerBound)),
                "maxLength": .integer(Int64(counts.upperBound)),
            ]
            add("Idempotency-Key", schema, "A secret of the sender: the same request with it is answered as before.")
        }
        return parameters
    }

    private static func parameter(
        _ name: String,
        _ place: String,
        _ schema: JSONValue,
        isRequired: Bool,
        _ description: String?
    ) -> JSONValue {
        var parameter: [String: JSONValue] = [
            "name": .text(name), "in": .text(place), "schema": schema, "required": .boolean(isRequired),
        ]
        if let description { parameter["description"] = .text(description) }
        return .object(parameter)
    }

    // MARK: Answers

    private static func answers(of route: Route) -> [String: JSONValue] {
        var answers: [String: JSONValue] = [:]
        let (status, success) = success(of: route)
        answers["\(status.code)"] = success
        if route.isVersioned, route.method == .GET {
            answers["304"] = ["description": "It is still so.", "headers": entityTag]
        }
        for status in refusals(of: route) {
            answers["\(status)"] = ["$ref": .text("#/components/responses/\(status)")]
        }
        return answers
    }

    private static func success(of route: Route) -> (HTTPResponseStatus, JSONValue) {
        var headers: [String: JSONValue] = [:]
        if route.isVersioned || route.isLocated { headers["ETag"] = header("ETag") }
        if route.isLocated { headers["Location"] = header("Location") }
        func answer(_ schema: JSONValue, as type: String = "application/json") -> JSONValue {
            var answer: [String: JSONValue] = [
                "description": "Done.",
                "content": .object([type: ["schema": schema]]),
            ]
            if !headers.isEmpty { answer["headers"] = .object(headers) }
            if let links = links(of: route) { answer["links"] = links }
            return .object(answer)
        }
        return switch route.answer {
        case .object(let name, let status): (status, answer(OpenAPISchemas.reference(name)))
        case .page(let name): (.ok, answer(OpenAPISchemas.reference("\(name)Page")))
        case .lines: (.ok, answer(["type": "string"], as: Route.linesType))
        case .nothing: (.noContent, ["description": "Done."])
        }
    }

    /// What of an answer leads to which operations.
    private static func links(of route: Route) -> JSONValue? {
        let (pointer, operations): (String, [String])
        switch route.operation {
        case "createUser":
            (pointer, operations) = ("/user/name", ["readUser", "changeUser", "deleteUser", "setPassword"])
        case "createRobot":
            (pointer, operations) = ("/robot/name", ["readRobot", "changeRobot", "deleteRobot", "rotateRobotSecret"])
        case "createProject":
            (pointer, operations) = ("/name", ["readProject", "setProject", "deleteProject", "listProjectMembers"])
        case "createToken": (pointer, operations) = ("/token/id", ["readToken", "deleteToken"])
        case "runJob":
            (pointer, operations) = ("/job/id", ["readJob", "readJobLog", "cancelJob", "pauseJob", "resumeJob"])
        default: return nil
        }
        let parameter = pointer.hasSuffix("/id") ? "id" : "name"
        return .object(
            Dictionary(
                operations.map { operation in
                    let parameters: JSONValue = .object([parameter: .text("$response.body#\(pointer)")])
                    return (operation, ["operationId": .text(operation), "parameters": parameters])
                }
            ) { first, _ in first }
        )
    }

    /// The statuses of what an operation may refuse.
    private static func refusals(of route: Route) -> [Int] {
        var statuses = [400, 401, 429, 500]
        // What everybody who has logged in may ask is refused to nobody; of what is not theirs it is said that it is
        // not there.
        let isOpen = [
            "readCaller", "listProjects", "readProject", "listRoles", "readRole", "readToken", "deleteToken",
            "readSession", "endSession",
        ].contains(route.operation)
        if !isOpen { statuses.append(403) }
        if !route.pathParameters.isEmpty || namesRepository(route) || route.path == "/quotas/installation" {
            statuses.append(404)
        }
        if route.method != .GET { statuses.append(409) }
        if route.isVersioned, route.method != .GET { statuses.append(412) }
        if route.body != nil { statuses += [413, 415] }
        let isSearch = ["searchAudit", "listDamage"].contains(route.operation)
        if route.body != nil || route.method == .POST || isSearch { statuses.append(422) }
        return statuses
    }

    /// Whether an operation is about a repository, which may not be there.
    private static func namesRepository(_ route: Route) -> Bool {
        let fields = route.body.flatMap { SchemaTable.objects[$0] }?.fields ?? []
        return route.parameters.contains { $0.name == "repository" } || fields.contains { $0.name == "repository" }
    }

    // MARK: Shared parts

    private static let entityTag: JSONValue = ["ETag": header("ETag")]

    private static func header(_ name: String) -> JSONValue { ["$ref": .text("#/components/headers/\(name)")] }

    static let headers: [String: JSONValue] = [
        "ETag": described("The version of what is shown.", "^\"[0-9a-f]{32}\"$"),
        "Location": described("The path of what was made.", nil),
        "Retry-After": described("After how many seconds to ask again.", "^[0-9]+$"),
        "WWW-Authenticate": described("How to log in.", nil),
        "X-Request-Id": described("The id of the request, as it stands in the log.", nil),
    ]

    private static func described(_ description: String, _ pattern: String?) -> JSONValue {
        var schema: [String: JSONValue] = ["type": "string"]
        if let pattern { schema["pattern"] = .text(pattern) }
        return ["description": .text(description), "required": true, "schema": .object(schema)]
    }

    /// The answers that are not a success, by status.
    static let refusals: [String: JSONValue] = [
        "400": refusal("The request cannot be read, or a value in it is none that is taken."),
        "401": refusal("Nobody has said who they are, or the credentials are wrong.", "WWW-Authenticate"),
        "403": refusal("The caller may not."),
        "404": refusal("There is no such thing, or the caller may not know of it."),
        "409": refusal("There is such a thing already, or something else depends on it."),
        "412": refusal("It has changed since the caller looked, or is not there, or is there already."),
        "413": refusal("The body is longer than is read."),
        "415": refusal("The body is not JSON by its `Content-Type`."),
        "422": refusal("It names what is not there or what cannot be, or the idempotency key was used before."),
        "429": refusal("There were too many requests, or logins.", "Retry-After"),
        "500": refusal("Something went wrong in the registry."),
    ]

    private static func refusal(_ description: String, _ others: String...) -> JSONValue {
        let names = ["X-Request-Id"] + others
        return [
            "description": .text(description),
            "headers": .object(Dictionary(names.map { ($0, header($0)) }) { first, _ in first }),
            "content": ["application/json": ["schema": OpenAPISchemas.reference("ProblemBody")]],
        ]
    }
}
