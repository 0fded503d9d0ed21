import Glibc
import HTTPServing
import NIOCore
import NIOHTTP1
import Synchronization

/// A registry that is asked without a socket: requests go straight into its responder.
///
/// What a connection adds to an answer is added here as well, so that a test reads the same either way.
struct ResponderHarness: RegistryHarness {
    private static let requestCount = Atomic<UInt64>(0)

    let responder: any HTTPResponder
    /// From where the requests come.
    var clientAddress = "127.0.0.1"

    func send(_ request: TestRequest) async throws -> TestResponse {
        var headers = HTTPHeaders(request.headers)
        if !headers.contains(name: "Host") { headers.add(name: "Host", value: "localhost") }
        let count = Self.requestCount.wrappingAdd(1, ordering: .relaxed).newValue
        let answer = await responder.respond(
            to: ServerRequest(
                method: HTTPMethod(rawValue: request.method),
                target: request.path,
                headers: headers,
                body: RequestBody(ByteBuffer(bytes: request.body)),
                id: RequestID(count),
                clientAddress: clientAddress
            )
        )
        let bytes = try await Self.bytes(of: answer.body)
        answer.onEnd?(request.method == "HEAD" ? 0 : bytes.count)
        var fields = answer.headers.map { ($0.name, $0.value) }
        let status = Int(answer.status.code)
        let isFramed = answer.headers.contains(name: "Content-Length") || [204, 304].contains(status)
        if !isFramed { fields.append(("Content-Length", "\(bytes.count)")) }
        return TestResponse(status: status, headers: fields, body: request.method == "HEAD" ? [] : bytes)
    }

    private static func bytes(of body: ServerResponse.Body) async throws -> [UInt8] {
        switch body {
        case .none:
            return []
        case .bytes(let buffer):
            return Array(buffer.readableBytesView)
        case .stream(let stream, _):
            var bytes: [UInt8] = []
            while let chunks = try await stream.next(upTo: 64 << 10) {
                for chunk in chunks { bytes += chunk.readableBytesView }
            }
            return bytes
        case .file(let slice):
            defer { withExtendedLifetime(slice.owner) {} }
            let size = Int(slice.byteCount)
            return try [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
                while count < size {
                    let part = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[count...])
                    let got = pread(slice.descriptor, part.baseAddress, size - count, off_t(slice.offset) + count)
                    guard got > 0 else { throw TestConnection.Failure.system(call: "pread", reason: "\(errno)") }
                    count += got
                }
            }
        }
    }
}
