import Crypto
import Dispatch
import Foundation
import Synchronization

/// Compares passwords with what is kept of them: few at a time, since each takes a core and 32 MiB for a while.
///
/// A name and password that were right are remembered by a keyed hash, so that a client that sends them with each
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
    public init(cost: PasswordHash.Cost = .standard) throws {
        self.cost = cost
        nobody = try PasswordHash(of: .random(), cost: cost)
    }

    /// A new hash of a password.
    public func hash(_ password: Secret) async throws -> PasswordHash {
        try await computing { [cost] in try PasswordHash(of: password, cost: cost) }
    }

    /// Whether a password is the one that `stored` was kept of; false for an account that has none.
    ///
    /// Takes as long for a name that is nobody's. Throws ``TooManyLogins``.
    public func check(_ password: Secret, against stored: String?, of name: String) async throws -> Bool {
        let hash = stored.flatMap { PasswordHash($0) }
        let mark = mark(of: password, stored ?? "", name)
        if hash != nil, remembered.value(for: mark) == true { return true }
        let target = hash ?? nobody
        let isRight = try await computing { try target.isOf(password) }
        guard hash != nil, isRight else { return false }
        remembered.remember(true, for: mark)
        return true
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
