import Crypto
import Dispatch
import Foundation
import Synchronization

/// Compares passwords with what is kept of them: few at a time, since each takes a core and 32 MiB for a while.
///
/// A name and password that were right can be remembered by a keyed hash, so that a client that sends them with each
/// request pays once. What is remembered is tied to the stored hash: a changed password ends it.
public final class PasswordChecker: Sendable {
    /// How many are computed at once.
    private static let concurrencyMax = 2
    /// How many may wait.
    private static let waitingMax = 64

    private struct State {
        var activeCount = 0
        /// Who waits is told true when it may go.
        var waiting: [CheckedContinuation<Bool, Never>] = []
    }

    private let cost: PasswordHash.Cost
    private let state = Mutex(State())
    private let remembered = Remembered<Bool>(countMax: 4096)
    private let key = SymmetricKey(size: .bits256)
    /// What a name that is nobody's is compared with.
    private let nobody: PasswordHash
    private let queue = DispatchQueue(label: "wharf.passwords", attributes: .concurrent)

    /// Hashes what is new at `cost`.
    public init(cost: PasswordHash.Cost = .standard) {
        self.cost = cost
        nobody = PasswordHash(ofNothingAt: cost)
    }

    /// A new hash of a password.
    public func hash(_ password: Secret) async throws -> PasswordHash {
        try await computing { [cost] in try PasswordHash(of: password, cost: cost) }
    }

    /// What a password that was right is remembered by.
    public struct Mark: Sendable, Equatable {
        fileprivate let bytes: [UInt8]
    }

    /// What a comparison found.
    public enum Answer: Sendable, Equatable {
        /// It is the password, and was compared; ``PasswordChecker/remember(_:)`` has it remembered.
        case right(Mark)
        /// It is the password, as is remembered.
        case remembered
        /// It is another one, or there is none.
        case wrong
    }

    /// Whether a password is the one that `stored` was kept of; wrong for an account that has none.
    ///
    /// Takes as long for a name that is nobody's. Throws ``TooManyLogins``.
    public func check(_ password: Secret, against stored: String?, of name: String) async throws -> Answer {
        let hash = stored.flatMap { StoredPassword($0) }
        let mark = mark(of: password, stored ?? "", name)
        if hash != nil, remembered.value(for: mark) == true { return .remembered }
        let isRight = try await computing { [nobody] in
            if let hash, try hash.isOf(password) { return true }
            // So that a wrong answer takes as long where there is no hash, or one that is computed in no time.
            if hash?.needsRenewal != false { _ = try nobody.isOf(password) }
            return false
        }
        guard hash != nil, isRight else { return .wrong }
        return .right(Mark(bytes: mark))
    }

    /// Remembers a password that was right.
    ///
    /// Not before whoever compared it may be told that it was: who is told nothing would learn it by the next try.
    public func remember(_ mark: Mark) {
        remembered.remember(true, for: mark.bytes)
    }

    private func mark(of password: Secret, _ stored: String, _ name: String) -> [UInt8] {
        var code = HMAC<SHA256>(key: key)
        for part in [Array(name.utf8), Array(stored.utf8), password.bytes] {
            withUnsafeBytes(of: UInt64(part.count).bigEndian) { code.update(data: $0) }
            code.update(data: part)
        }
        return Array(code.finalize())
    }

    private func computing<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await enter()
        defer { leave() }
        return try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try body() }) }
        }
    }

    private func enter() async throws {
        let mayGo = await withCheckedContinuation { continuation in
            let answer = state.withLock { state -> Bool? in
                guard state.activeCount >= Self.concurrencyMax else {
                    state.activeCount += 1
                    return true
                }
                guard state.waiting.count < Self.waitingMax else { return false }
                state.waiting.append(continuation)
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
        guard mayGo else { throw TooManyLogins() }
    }

    private func leave() {
        let next = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard !state.waiting.isEmpty else {
                state.activeCount -= 1
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume(returning: true)
    }
}

/// More passwords wait to be compared than may.
public struct TooManyLogins: Error, Sendable {}
