import AWS
import Foundation
import Outgoing

/// A request to the store, which can be made anew for each attempt.
struct S3Call: Sendable {
    /// What it does, by the name that policies have for it.
    let action: String
    let method: OutgoingMethod
    /// The full name of the object; nil for the bucket.
    var key: String?
    var query: [S3Parameter] = []
    var headers: HeaderFields = [:]
    var body = S3Body.empty
    /// How the store is told what the bytes should be.
    var checksum = S3Settings.Checksum.none
    /// Whether it is sent again when that may help.
    var isRepeated = true
    /// What the bytes are known by, where that was computed before.
    var sums: S3Sums?
    /// The longest answer, in bytes.
    var byteCountMax = S3Limits.failureByteCountMax

    init(_ action: String, _ method: OutgoingMethod, key: String? = nil, _ query: [S3Parameter] = []) {
        self.action = action
        self.method = method
        self.key = key
        self.query = query
    }
}

extension S3Client {
    /// What the store answers, with its body; only an answer that says that it was done.
    func answer(_ call: S3Call) async throws -> S3Answer {
        try await attempt(call) { response in
            let body = try await Self.body(of: response, call)
            let answer = S3Answer(status: response.status, headers: response.headers, body: body)
            // Some calls begin to answer before they have failed.
            if call.method != .get, answer.document?.name == "Error" {
                throw S3Error(answer, subject(of: call), now: pacing.now())
            }
            return answer
        }
    }

    /// Whether the bucket answers now, asked once and beside all other requests.
    ///
    /// - Throws: ``S3Error``, which says what is wrong.
    public func reach() async throws {
        try await once(S3Call("s3:ListBucket", .head), S3Sums([])) { response in
            for try await _ in response.body {}
        }
    }

    /// Sends a request until it is answered well, or there is no sense in it any longer.
    ///
    /// The turn at the store ends with `read`: a body that is read later counts only as a connection.
    func attempt<Value: Sendable>(
        _ call: S3Call,
        _ read: (OutgoingResponse) async throws -> Value
    ) async throws -> Value {
        let sums = if let known = call.sums { known } else { try await sums(of: call) }
        var retries = S3Retries(settings.limits, start: pacing.elapsed())
        while true {
            do {
                return try await inTurn { try await once(call, sums, read) }
            } catch var error as S3Error {
                let step = retries.next(
                    after: error,
                    mayRepeat: call.isRepeated && call.body.isRepeatable,
                    now: pacing.elapsed(),
                    random: pacing.random()
                )
                error.attempts = retries.attempts
                switch step {
                case .giveUp:
                    if error.isPassing { counters.add(\.failures) }
                    throw error
                case .again(let pause):
                    try await pacing.pause(pause)
                    counters.add(\.repeats)
                }
            }
        }
    }

    func subject(of call: S3Call) -> S3Subject {
        S3Subject(action: call.action, key: call.key, place: address.place)
    }

    /// With what requests are signed now.
    func signature() async throws -> Signature {
        do {
            let credentials = try await settings.credentials.current()
            return Signature(credentials: credentials, region: settings.region, service: "s3", date: pacing.now())
        } catch let error as AWSError {
            guard error.code != .unavailable else { throw S3Error(.unavailable, error.message, underlying: error) }
            throw S3Error(.credentialsUnavailable, error.message, underlying: error)
        }
    }

    // MARK: - One attempt

    private func inTurn<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        let permit = try await limiter.acquire()
        do {
            let value = try await body()
            limiter.release(permit, .well)
            return value
        } catch {
            let isTooMuch = (error as? S3Error)?.code == .slowDown
            if isTooMuch { counters.add(\.slowDowns) }
            limiter.release(permit, isTooMuch ? .tooMuch : .otherwise)
            throw error
        }
    }

    private func once<Value: Sendable>(
        _ call: S3Call,
        _ sums: S3Sums,
        _ read: (OutgoingResponse) async throws -> Value
    ) async throws -> Value {
        let request = try await request(call, sums)
        counters.add(\.requests)
        do {
            let response = try await transport.send(request)
            guard (200..<300).contains(response.status) else { throw await failure(response, call) }
            return try await read(response)
        } catch let error as OutgoingError {
            throw S3Error.transport(error, subject(of: call))
        }
    }

    func request(_ call: S3Call, _ sums: S3Sums) async throws -> OutgoingRequest {
        var headers = call.headers
        headers["User-Agent"] = "wharf"
        switch call.checksum {
        case .automatic, .none: break
        case .md5: headers["Content-MD5"] = sums.md5
        case .crc32: headers["x-amz-checksum-crc32"] = sums.crc32
        case .sha256: headers["x-amz-checksum-sha256"] = sums.sha256
        }
        let url = try address.url(call.key, call.query)
        let request = OutgoingRequest(call.method, url, headers: headers, body: call.body.outgoing)
        let payload = signedPayload(call, sums)
        return try await signature().signed(request, payload: payload)
    }

    private func signedPayload(_ call: S3Call, _ sums: S3Sums) -> Signature.Payload {
        if call.body.byteCount == 0 { return .empty }
        guard signsBody(of: call), let digits = sums.sha256Hexadecimal else { return .unsigned }
        return .hashed(digits)
    }

    /// Whether the signature covers the body: in the clear nothing else guards it, and a small one costs nothing.
    private func signsBody(of call: S3Call) -> Bool {
        call.body.isSmall || (!address.isSecure && call.body.isRepeatable)
    }

    func sums(of call: S3Call) async throws -> S3Sums {
        var wanted: Set<S3Sum> = signsBody(of: call) && call.body.byteCount > 0 ? [.sha256] : []
        switch call.checksum {
        case .automatic, .none: break
        case .md5: wanted.insert(.md5)
        case .crc32: wanted.insert(.crc32)
        case .sha256: wanted.insert(.sha256)
        }
        guard call.body.isRepeatable else { return S3Sums([]) }
        do {
            return try await call.body.sums(wanted)
        } catch let error where !(error is CancellationError) {
            throw S3Error(.bodyFailed, "What was to be sent to \(address.place) could not be read.", underlying: error)
        }
    }

    /// The body of an answer; of one to a HEAD, nothing, whatever its length says.
    private static func body(of response: OutgoingResponse, _ call: S3Call) async throws -> [UInt8] {
        guard call.method == .head else { return try await response.body.collect(upTo: call.byteCountMax) }
        for try await _ in response.body {}
        return []
    }

    /// Why the store did not do it, as far as it says so in time.
    private func failure(_ response: OutgoingResponse, _ call: S3Call) async -> S3Error {
        // A body that is too long or is cut still leaves the status.
        let body = try? await Self.body(of: response, call)
        let answer = S3Answer(status: response.status, headers: response.headers, body: body ?? [])
        return S3Error(answer, subject(of: call), now: pacing.now())
    }
}
