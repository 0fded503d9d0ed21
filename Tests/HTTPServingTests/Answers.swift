import Foundation
import HTTPServing
import NIOCore
import NIOHTTP1
import RegistryTesting

/// Responders of test servers.
enum Answers {
    /// Answers by the path.
    ///
    /// - `/hello`: `hello`, at once.
    /// - `/later`: `later`, after a change of thread.
    /// - `/echo`: the body of the request, read to its end.
    /// - `/count`: how many bytes the body had.
    /// - `/refuse`: 403 without a look at the body.
    /// - `/zeros/N`: N bytes in memory, 16 MB at most.
    static let standard: TestServer.Respond = { request in
        switch request.target {
        case "/hello": return text("hello")
        case "/later":
            await Task.yield()
            return text("later")
        case "/echo": return await echo(request)
        case "/count": return await count(request)
        case "/refuse": return text("refused", .forbidden)
        default:
            guard request.target.hasPrefix("/zeros/"), let count = Int(request.target.dropFirst(7)) else {
                return text("there is nothing at \(request.target)", .notFound)
            }
            return ServerResponse(.ok, body: .bytes(zeros.getSlice(at: 0, length: count) ?? ByteBuffer()))
        }
    }

    /// Made once: to fill so much takes a debug build long, and an event loop must not be held up.
    static let zeros = ByteBuffer(repeating: 0, count: 16_000_000)

    static func text(_ text: String, _ status: HTTPResponseStatus = .ok) -> ServerResponse {
        ServerResponse(status, headers: ["Content-Type": "text/plain"], body: .bytes(ByteBuffer(string: text)))
    }

    static func echo(_ request: ServerRequest) async -> ServerResponse {
        do {
            var all = ByteBuffer()
            while let batch = try await request.body.next(upTo: 64 << 10) {
                for buffer in batch { all.writeImmutableBuffer(buffer) }
            }
            return ServerResponse(.ok, body: .bytes(all))
        } catch {
            return failure(error)
        }
    }

    static func count(_ request: ServerRequest) async -> ServerResponse {
        do {
            var count = 0
            while let batch = try await request.body.next(upTo: request.body.batchByteCount) {
                count += batch.reduce(0) { $0 + $1.readableBytes }
            }
            return text("\(count)")
        } catch {
            return failure(error)
        }
    }

    static func failure(_ error: any Error) -> ServerResponse {
        switch error as? RequestBody.Failure {
        case .stalled: text("stalled", .requestTimeout)
        case .malformed: text("malformed", .badRequest)
        case .connectionClosed, nil: text("\(error)", .badRequest)
        }
    }

    /// Parts of one file: `/` is all of it, `/FIRST-LAST` a part.
    static func file(_ path: String) -> TestServer.Respond {
        { request in
            guard let file = OpenFile(path) else { return text("cannot open", .internalServerError) }
            let ends = request.target.dropFirst().split(separator: "-").compactMap { Int64($0) }
            let range = ends.count == 2 ? ends[0]..<ends[1] + 1 : 0..<file.byteCount
            let slice = FileSlice(
                descriptor: file.descriptor,
                owner: file,
                offset: range.lowerBound,
                byteCount: Int64(range.count)
            )
            return ServerResponse(.ok, body: .file(slice))
        }
    }
}

/// A descriptor that is closed when nobody holds it any more.
final class OpenFile: Sendable {
    let descriptor: CInt

    init?(_ path: String) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 { return nil }
    }

    deinit { close(descriptor) }

    var byteCount: Int64 {
        var facts = stat()
        return fstat(descriptor, &facts) == 0 ? Int64(facts.st_size) : 0
    }
}
