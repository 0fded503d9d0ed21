import Foundation
import RegistryTesting
import Synchronization

/// What clients were told while something happened to a registry, and what of that no client should ever hear.
///
/// A refusal for now is 503, or 507 where something is full, and says when to come again. All else is a surprise: of
/// what a client does here, nothing is wrong.
final class Witness: Sendable {
    private struct State {
        var counts: [Int: Int] = [:]
        var texts: [Int: Set<String>] = [:]
        var surprises: [String] = []
    }

    private let state = Mutex(State())

    /// What nobody should have heard.
    var surprises: [String] { state.withLock { $0.surprises } }

    /// How many answers had each status.
    var counts: [Int: Int] { state.withLock { $0.counts } }

    /// How many answers had a status.
    func count(of status: Int) -> Int { state.withLock { $0.counts[status] ?? 0 } }

    /// What was said with a status.
    func texts(of status: Int) -> Set<String> { state.withLock { $0.texts[status] ?? [] } }

    /// Does something until it is no longer refused for now, as a client does that was not told to give up.
    func persist(for patience: Duration = .seconds(60), _ body: () async throws -> Void) async throws {
        let deadline = ContinuousClock.now + patience
        while true {
            do {
                return try await body()
            } catch let refused as ServerClient.Refused {
                let isForNow = note(refused)
                guard isForNow, ContinuousClock.now < deadline else { throw refused }
                // Whoever is told to come again in a minute tries sooner here.
                try await Task.sleep(for: .milliseconds(.random(in: 100...500)))
            } catch {
                state.withLock { $0.surprises.append("\(error)") }
                throw error
            }
        }
    }

    private func note(_ refused: ServerClient.Refused) -> Bool {
        let answer = refused.answer
        let isForNow = [503, 507].contains(answer.status) && answer[header: "Retry-After"].flatMap { Int($0) } != nil
        state.withLock { state in
            state.counts[answer.status, default: 0] += 1
            state.texts[answer.status, default: []].insert(Self.message(in: answer.text))
            if !isForNow { state.surprises.append("\(refused)") }
        }
        return isForNow
    }

    /// The sentence, without the id of the request.
    private static func message(in text: String) -> String {
        guard let start = text.range(of: #""message":""#)?.upperBound else { return text }
        return String(text[start...].prefix { $0 != "\"" })
    }
}
