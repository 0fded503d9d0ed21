import Foundation

/// The first, a middle and the last page of a repository's tags, asked for one after the other.
struct TagList {
    private static let pageSize = 100
    private static let requestsPerPage = 50

    var repository: String
    var tagCount: Int

    static func row(_ name: String, _ tagCount: String) -> Row {
        Row(
            name: name,
            work: "tags/list n=100 of \(tagCount), slowest page",
            figure: .milliseconds,
            cpu: .request,
            targets: [.figure(atMost: 2)]
        )
    }

    /// The tag of this number; numbers and tags have the same order.
    static func tag(_ number: Int) -> String {
        let digits = String(number)
        return "t" + String(repeating: "0", count: 7 - digits.count) + digits
    }

    /// The value of the sample is the median of the slowest page, in milliseconds.
    func measure(_ server: Server) throws -> Sample {
        let clients = try Clients(1, port: server.port)
        let firsts = [0, tagCount / 2, tagCount - Self.pageSize]
        var slowest = 0.0
        var sample = try server.measure(operations: Double(firsts.count * Self.requestsPerPage)) {
            for first in firsts {
                slowest = max(slowest, try medianSeconds(from: first, server, clients))
            }
        }
        sample.value = slowest * 1000
        return sample
    }

    private func medianSeconds(from first: Int, _ server: Server, _ clients: Clients) throws -> Double {
        let after = first == 0 ? "" : "&last=\(Self.tag(first - 1))"
        let path = "/v2/\(repository)/tags/list?n=\(Self.pageSize)\(after)"
        let request = Request("GET", path, keepsBody: true)
        var times: [Double] = []
        var start = 0.0
        var bodyCount: Int?
        try clients.run([
            { response in
                if let response {
                    times.append(Clock.now - start)
                    try response.expect(200, bodyCount: bodyCount)
                    if bodyCount == nil { try check(response.body, from: first, server.party) }
                    bodyCount = response.bodyCount
                }
                start = Clock.now
                return times.count < Self.requestsPerPage ? request : nil
            }
        ])
        return times.sorted()[times.count / 2]
    }

    /// The peer does not page: it answers each with all tags, in no order.
    private func check(_ body: [UInt8], from first: Int, _ party: Party) throws {
        let tags = try JSONDecoder().decode(Answer.self, from: Data(body)).tags
        let isRight =
            party == .peer ? tags.count == tagCount : tags == (first..<first + Self.pageSize).map(Self.tag)
        guard isRight else { throw Failure("not the page of tags from \(first): \(tags.prefix(3)) …") }
    }

    private struct Answer: Decodable {
        var tags: [String]
    }
}
