import RegistryContract

/// Where an upload goes on after a failure, and when it is given up.
///
/// - `goOn`: send from ``offset``. Follows a target that said where it stands.
/// - `ask`: ask the target where the upload stands, then ``resume(at:seen:)``. Follows a lost connection.
/// - `beginAnew`: the target has no such upload any more; begin another at 0, at most `restartsMax` times.
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
    private var restartCount = 0
    private var farthest: Int64 = 0
    private let policy: TransferRetries

    init(policy: TransferRetries) {
        self.policy = policy
    }

    /// What to do after a failure; throws it when there is no hope.
    mutating func step(after failure: any Error, seen: Int64) throws -> Step {
        let refusal = failure as? RegistryError
        switch refusal?.code {
        case .uploadUnknown?, .digestMismatch?:
            restartCount += 1
            guard restartCount <= policy.restartsMax else { throw failure }
            offset = 0
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

    /// Goes on where the target stands, of which so many bytes have been seen here.
    mutating func resume(at offset: Int64, seen: Int64) throws {
        guard (0...seen).contains(offset) else {
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
