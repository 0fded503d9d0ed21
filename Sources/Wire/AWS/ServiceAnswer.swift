import Documents
import Foundation
import Outgoing

/// What a service answered.
struct ServiceAnswer: Sendable {
    let status: Int
    let headers: HeaderFields
    let body: [UInt8]

    /// The longest answer that is read, in bytes: one with credentials or a token has some 10 KiB.
    static let byteCountMax = 1 << 20

    var isSuccess: Bool { (200..<300).contains(status) }

    var text: String { String(decoding: body, as: UTF8.self) }

    /// What an error is called and what is said of it: in the protocols JSON 1.1 and query alike.
    var failure: (code: String, message: String) {
        var code = headers["x-amzn-ErrorType"] ?? ""
        var message = ""
        if let json = try? JSONValue(json: body) {
            code = json["__type"]?.text ?? json["code"]?.text ?? code
            message = json["message"]?.text ?? json["Message"]?.text ?? ""
        } else if let document = try? XMLNode(body), let error = document["Error"] ?? document["Errors"]?["Error"] {
            code = error["Code"]?.text ?? code
            message = error["Message"]?.text ?? ""
        }
        // Such as `com.amazon.coral.service#AccessDeniedException:http://…`.
        let name = code.prefix { $0 != ":" }.split(separator: "#").last.map { String($0) } ?? ""
        return (Self.cleaned(name, lengthMax: 80), Self.cleaned(message, lengthMax: 400))
    }

    /// What somebody else says, as a part of a sentence.
    ///
    /// Only the first line: below it, a refused signature is explained with the fields of the request, secrets too.
    private static func cleaned(_ text: String, lengthMax: Int) -> String {
        let line = text.prefix { !$0.isNewline }.prefix(lengthMax)
        return String(String.UnicodeScalarView(line.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }))
            .trimmingCharacters(in: .whitespaces)
    }
}

extension JSONValue {
    /// The text, where it is one.
    var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }
}

/// Requests that are safe to repeat, and are repeated where that may help.
struct ServiceCalls: Sendable {
    let transport: OutgoingClient
    /// Waits between two attempts.
    let pause: @Sendable (Duration) async throws -> Void

    /// How often something is asked for at most.
    static let attemptsMax = 3

    /// Sends what `request` makes, which is made anew for each attempt because a signature is for one moment.
    func answer(to request: () throws -> OutgoingRequest) async throws -> ServiceAnswer {
        var attempt = 1
        while true {
            do {
                let answer = try await send(try request())
                guard attempt < Self.attemptsMax, answer.isWorthAnotherAttempt else { return answer }
            } catch let error as OutgoingError {
                guard attempt < Self.attemptsMax, [.connectionLost, .timedOut].contains(error.code) else { throw error }
            }
            // A quarter of a second and then a whole one.
            try await pause(.milliseconds(250 << (2 * (attempt - 1))))
            attempt += 1
        }
    }

    /// Sends a request once.
    func send(_ request: OutgoingRequest) async throws -> ServiceAnswer {
        let response = try await transport.send(request)
        let body = try await response.body.collect(upTo: ServiceAnswer.byteCountMax)
        return ServiceAnswer(status: response.status, headers: response.headers, body: body)
    }
}

extension ServiceAnswer {
    /// Whether the service may answer otherwise in a moment.
    var isWorthAnotherAttempt: Bool {
        status >= 500 || status == 429
            || ["Throttling", "ThrottlingException", "RequestLimitExceeded", "IDPCommunicationError"]
                .contains(failure.code)
    }
}
