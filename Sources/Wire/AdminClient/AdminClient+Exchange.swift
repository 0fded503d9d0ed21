import AdminModel
import Foundation
import Outgoing

/// One request and its answer.
extension AdminClient {
    /// A request on its way.
    struct Call: Sendable {
        var method: OutgoingMethod
        /// The parts of the path below the root, as they are.
        var path: [String]
        /// The parameters of the query; those without a value are left out.
        var query: [(name: String, value: String?)] = []
        var condition = Condition.none
        var body: [UInt8]?

        init(
            _ method: OutgoingMethod,
            _ path: [String],
            query: [(name: String, value: String?)] = [],
            _ condition: Condition = .none,
            body: [UInt8]? = nil
        ) {
            self.method = method
            self.path = path
            self.query = query
            self.condition = condition
            self.body = body
        }
    }

    /// The answer as a value with its version.
    func read<Value: Decodable & Sendable>(_ call: Call, as type: Value.Type = Value.self) async throws -> Tagged<Value>
    {
        let (bytes, tag) = try await exchange(call)
        do {
            let value = try JSONDecoder().decode(type, from: Data(bytes))
            return Tagged(value: value, tag: tag)
        } catch {
            throw AdminFailure(.notUnderstood, "The answer of \(target) cannot be read: \(error).")
        }
    }

    /// The same for something that has no version.
    func value<Value: Decodable & Sendable>(_ call: Call, as type: Value.Type = Value.self) async throws -> Value {
        try await read(call, as: type).value
    }

    /// Sends a request whose answer says nothing.
    func perform(_ call: Call) async throws {
        _ = try await exchange(call)
    }

    static func encoded(_ value: some Encodable) throws -> [UInt8] {
        Array(try JSONEncoder().encode(value))
    }

    // MARK: Sending

    private func exchange(_ call: Call) async throws -> (bytes: [UInt8], tag: String?) {
        var request = OutgoingRequest(call.method, try url(of: call), headers: ["Accept": "application/json"])
        if let credentials { request.headers["Authorization"] = credentials.basic }
        request.headers["User-Agent"] = "wharf"
        if let body = call.body {
            request.headers["Content-Type"] = "application/json"
            request.body = .bytes(body)
        }
        switch call.condition {
        case .none: break
        case .tag(let tag): request.headers["If-Match"] = tag
        case .isNew: request.headers["If-None-Match"] = "*"
        }
        guard call.method == .post else { return try await send(request) }
        request.headers["Idempotency-Key"] = Self.randomKey()
        do {
            return try await send(request)
        } catch let failure as AdminFailure where failure.code == .noAnswer {
            return try await send(request)
        }
    }

    private func send(_ request: OutgoingRequest) async throws -> (bytes: [UInt8], tag: String?) {
        let status: Int
        let bytes: [UInt8]
        let headers: HeaderFields
        do {
            let response = try await transport.send(request)
            (status, headers) = (response.status, response.headers)
            bytes = try await response.body.collect(upTo: Self.answerByteCountMax)
        } catch let error as OutgoingError {
            throw AdminFailure(error, at: place)
        }
        guard (200..<300).contains(status) else { throw failure(status, headers, bytes) }
        return (bytes, headers["ETag"])
    }

    private func failure(_ status: Int, _ headers: HeaderFields, _ bytes: [UInt8]) -> AdminFailure {
        if let body = try? JSONDecoder().decode(ProblemBody.self, from: Data(bytes)) {
            return AdminFailure(body, at: place, as: credentials?.user)
        }
        if (300..<400).contains(status), let location = headers["Location"] {
            return AdminFailure(
                .notUnderstood,
                "\(target) sends callers on to \(location.prefix { $0 != "?" }): name that server with --server."
            )
        }
        return AdminFailure(
            .notUnderstood,
            "\(target) answers \(status), and not as the management of a wharf does: look at the address, and whether "
                + "a proxy passes \(root)/ on."
        )
    }

    private func url(of call: Call) throws -> OutgoingURL {
        var text = root
        for part in call.path { text += "/" + Self.escaped(part) }
        let pairs = call.query.compactMap { name, value in value.map { "\(name)=\(Self.escaped($0))" } }
        if !pairs.isEmpty { text += "?" + pairs.joined(separator: "&") }
        do {
            return try OutgoingURL(target, path: text)
        } catch {
            throw AdminFailure(.invalid, "\(error)")
        }
    }

    /// A text as one part of a path or of a query.
    private static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: return String(UnicodeScalar(byte))
            case _ where "-._~".utf8.contains(byte): return String(UnicodeScalar(byte))
            default: return "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }

    /// 256 random bits that nobody guesses.
    private static func randomKey() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<4).map { _ in String(generator.next() as UInt64, radix: 16) }.joined(separator: "-")
    }
}
