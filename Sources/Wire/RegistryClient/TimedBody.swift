import Outgoing

extension OutgoingResponseBody {
    /// How long an answer that is read whole may take: a server may trickle it so that it never stalls, and never ends.
    static var wholeTimeMax: Duration { .seconds(300) }

    /// All of the body, which may neither be longer than that nor take longer.
    ///
    /// - Throws: ``OutgoingError`` with `timedOut`, and what `collect(upTo:)` throws.
    func collect(upTo byteCountMax: Int, within time: Duration) async throws -> [UInt8] {
        try await withThrowingTaskGroup(of: [UInt8]?.self) { group in
            group.addTask { try await collect(upTo: byteCountMax) }
            group.addTask {
                try await Task.sleep(for: time)
                return nil
            }
            defer { group.cancelAll() }
            guard let bytes = try await group.next() ?? nil else {
                throw OutgoingError(.timedOut, "The answer did not end within \(time). Try again later.")
            }
            return bytes
        }
    }
}
