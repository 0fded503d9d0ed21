import AdminAPI
import DistributionGrammar
import Testing

@testable import RegistryTesting

/// Every route for every kind of caller, held against what is written in matrix.txt.
@Suite struct AccessMatrixTests {
    // MARK: The lines

    @Test func `every route has a line, and every line a route`() throws {
        let matrix = try Matrix.load()
        #expect(matrix.problems.isEmpty)
        let names = Matrix.requests.map(\.name)
        #expect(Set(names).count == names.count, "each name is one request")
        for name in Set(names).subtracting(matrix.rows.keys).sorted() { Issue.record("no line: \(name)") }
        for name in Set(matrix.rows.keys).subtracting(names).sorted() { Issue.record("no request: \(name)") }
        let samples = ManagementRequests.samples
        for route in Routes.all where samples[route.operation, default: []].isEmpty {
            Issue.record("no line for \(route.method) /api/v1\(route.path): \(route.operation)")
        }
        #expect(Set(samples.keys).subtracting(Routes.all.map(\.operation)).isEmpty)
    }

    @Test func `every endpoint of the specification stands for itself`() async throws {
        let plan = try await TownPlan.shared.value
        for endpoint in Endpoint.allCases {
            #expect(try endpoint.read(.app(plan), plan).endpoint == endpoint)
            let request = try endpoint.request(.app(plan), plan)
            #expect(try DistributionRequest(method: request.method, target: request.path[...]).endpoint == endpoint)
        }
    }

    @Test func `a line that is missing, doubled or cut off is found`() throws {
        let head = "request " + Caller.allCases.map(\.rawValue).joined(separator: " ")
        let cells = Caller.allCases.map { _ in "ok" }.joined(separator: " ")
        #expect(Matrix("# said\n\(head)\n\nGET /a b   \(cells)").problems.isEmpty)
        #expect(Matrix("\(head)\nGET /a b   \(cells)").rows["GET /a b"]?[.socket] == .allowed)
        #expect(Matrix("\(head)\nGET /a \(cells)\nGET /a \(cells)").problems == ["two lines of GET /a"])
        #expect(Matrix("\(head)\nGET /a \(cells.dropLast(3))").problems.count == 1)
        #expect(Matrix("\(head)\nGET /a \(cells.dropLast(2))no").problems.count == 1)
        #expect(Matrix("request anon\nGET /a ok").problems.count == 1)
    }

    // MARK: The cells

    @Test(arguments: Matrix.requests)
    func `a route does for each caller what its line says`(request: MatrixRequest) async throws {
        let row = try #require(try Matrix.load().rows[request.name], "no line: \(request.name)")
        var remaining = Caller.allCases[...]
        while !remaining.isEmpty {
            remaining = try await Town.with { town in
                // Whoever may change something is to be able to, unless it is asked what is read-only.
                if !request.name.contains("/read-only") { try await town.makeWritable() }
                return try await Self.check(request, row, remaining, in: town)
            }
        }
    }

    /// Goes through callers until one has changed something; returns those that are left.
    ///
    /// All who were refused before have left everything as it was.
    private static func check(
        _ request: MatrixRequest,
        _ row: [Caller: Matrix.Cell],
        _ callers: ArraySlice<Caller>,
        in town: Town
    ) async throws -> ArraySlice<Caller> {
        let before = try await town.state()
        for (index, caller) in zip(callers.indices, callers) {
            let sent = try request.make(town.plan, caller)
            let answer =
                try await request.saysWhoItIs && caller != .socket ? town.send(sent) : town.send(sent, as: caller)
            let wanted = row[caller] ?? .status(0)
            let text = answer.text.prefix(300)
            #expect(
                wanted.includes(answer.status),
                "\(request.name) for \(caller.rawValue): \(answer.status), not \(wanted): \(text)"
            )
            checkShape(of: answer, to: sent, caller)
            let isChange = request.isChange || !["GET", "HEAD"].contains(sent.method)
            guard isChange, (200..<300).contains(answer.status) else { continue }
            return callers[(index + 1)...]
        }
        let after = try await town.state()
        #expect(before == after, "\(request.name): who was refused has changed something")
        return []
    }

    /// A refusal is of the form that clients read, and says how to log in where that would help.
    private static func checkShape(of answer: TestResponse, to request: TestRequest, _ caller: Caller) {
        guard answer.status >= 400 else { return }
        let name = "\(request.method) \(request.path) for \(caller.rawValue)"
        if answer.status == 401 { #expect(answer[header: "WWW-Authenticate"] != nil, "\(name)") }
        #expect(answer.status == 401 || answer[header: "WWW-Authenticate"] == nil, "\(name)")
        #expect(answer[header: "X-Request-Id"] != nil, "\(name)")
        guard request.method != "HEAD" else { return }
        let isManagement = caller == .socket || request.path.hasPrefix("/api/v1")
        #expect(isManagement ? answer.isProblem : answer.isRefusal, "\(name): \(answer.text.prefix(300))")
    }
}
