import RegistryContract

/// Where an upload goes on after a failure, and when it is given up.
///
/// - `goOn`: send from ``offset``. Follows a target that said where it stands.
/// - `ask`: ask the target where the upload stands, then ``resume(at:seen:)``. Follows a lost connection.
/// - `beginAnew`: the target has no such upload any more; begin another at 0, at most `restartsMax` times. Once more
///   where the upload was one of an earlier program, which may be whatever somebody has left.
///
/// Failures count as long as the target does not stand further than ever before.
struct UploadCourse {
    enum Step: Equatable {
        case goOn, ask, beginAnew
    }

    /// Where to go on.
    private(set) var offset: Int64 = 0
    /// Failures since the target came further.
    private(set) var failureCount = 0
    /// How often another upload was begun.
    private(set) var restartCount = 0
    private var farthest: Int64 = 0
    /// Whether the upload was begun by an earlier program.
    private var isTakenUp = false
    /// How far that one may have sent it; what it sent last may arrive only now.
    private var leftByteCount: Int64 = 0
    private let policy: TransferRetries

    init(policy: TransferRetries) {
        self.policy = policy
    }

    /// Goes on with an upload of a blob of that size which an earlier program has begun.
    mutating func takeUp(at offset: Int64, of byteCount: Int64) {
        (self.offset, farthest) = (offset, max(farthest, offset))
        (isTakenUp, leftByteCount) = (true, byteCount)
    }

    /// What to do after a failure; throws it when there is no hope.
    mutating func step(after failure: any Error, seen: Int64) throws -> Step {
        let refusal = failure as? RegistryError
        if isTakenUp, failure.isFinal, let refusal, !Self.lastingCodes.contains(refusal.code) {
            // What was remembered may be of another time: a new upload is owed to it.
            (offset, isTakenUp) = (0, false)
            return .beginAnew
        }
        switch refusal?.code {
        case .uploadUnknown?, .digestMismatch?:
            restartCount += 1
            guard restartCount <= policy.restartsMax else { throw failure }
            (offset, isTakenUp) = (0, false)
            return .beginAnew
        case .uploadOffsetInvalid?:
            failureCount += 1
            guard failureCount < policy.triesMax else { throw failure }
            guard let offset = refusal?.offset else { return .ask }
            try resume(at: offset, seen: seen)
            return .goOn
        default:
            failureCount += 1
            guard !failure.isFinal, failureCount < policy.triesMax else { throw failure }
            return .ask
        }
    }

    /// What a new upload would be refused with as well.
    private static let lastingCodes: Set<RegistryError.Code> = [.denied, .unauthorized, .storageFull]

    /// Goes on where the target stands, of which so many bytes have been seen here.
    mutating func resume(at offset: Int64, seen: Int64) throws {
        let sent = isTakenUp ? max(seen, leftByteCount) : seen
        guard (0...sent).contains(offset) else {
            throw RegistryError(
                .unavailable,
                "the registry says that the upload stands at \(offset) bytes, and it was sent \(seen): try again"
            )
        }
        if offset > farthest {
            farthest = offset
            failureCount = 0
        }
        self.offset = offset
    }
}
