import Foundation
import NIOPosix
import RegistryTesting
import Synchronization
import Testing

/// Where a responder runs.
@Suite struct LoopExecutorTests {
    @Test("A responder that waited goes on on the event loop of its connection", arguments: Transport.allCases)
    func afterWaiting(transport: Transport) async throws {
        let loops = Mutex<[Bool]>([])
        let respond: TestServer.Respond = { _ in
            let before = MultiThreadedEventLoopGroup.currentEventLoop
            await withCheckedContinuation { continuation in
                DispatchQueue.global().async { continuation.resume() }
            }
            let after = MultiThreadedEventLoopGroup.currentEventLoop
            loops.withLock { $0.append(before != nil && before === after) }
            return Answers.text("done")
        }
        try await transport.run(respond: respond) { server in
            for _ in 0..<5 {
                let answer = try await transport.curl(server, "/")
                #expect(answer.standardOutput == "done")
            }
        }
        #expect(loops.withLock { $0 } == Array(repeating: true, count: 5))
    }
}
