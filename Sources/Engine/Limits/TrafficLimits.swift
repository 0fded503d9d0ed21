/// All limits of a server, and who is held to none.
///
/// What is counted lives in the memory of this process: two servers count each for itself, and a restart forgets. Only
/// failed logins are also counted where all servers see them.
public final class TrafficLimits: Sendable {
    /// Who hears of what is refused, to count it.
    public struct Observer: Sendable {
        /// Somebody has to wait.
        public var refused: @Sendable (Limit) -> Void
        /// A login failed.
        public var loginFailed: @Sendable () -> Void

        /// Names both.
        public init(
            refused: @escaping @Sendable (Limit) -> Void = { _ in },
            loginFailed: @escaping @Sendable () -> Void = {}
        ) {
            self.refused = refused
            self.loginFailed = loginFailed
        }
    }

    let requests: RequestLimits?
    let pulls: PullLimits?
    /// Failed logins; nil where they are not limited.
    public let logins: LoginLimits?
    /// Who is held to no limit but that of logins, by the texts of their principals.
    let exempt: Set<String>
    /// Who hears of what is refused.
    public let observer: Observer

    /// Puts limits together; what is nil or off costs nothing.
    public init(
        requests: RequestLimits? = nil,
        pulls: PullLimits? = nil,
        logins: LoginLimits? = nil,
        exempt: Set<String> = [],
        observer: Observer = Observer()
    ) {
        self.requests = requests?.isOff == true ? nil : requests
        self.pulls = pulls?.isOff == true ? nil : pulls
        self.logins = logins
        self.exempt = exempt
        self.observer = observer
    }

    /// Lets a login be tried unless too many have failed, and notes how it ends.
    ///
    /// - Parameters:
    ///   - account: the name that was said, whether there is such an account or not.
    ///   - address: the client's.
    ///   - isFailure: whether what `body` threw says that the credentials are wrong.
    ///   - isPassword: whether it is by a password, which somebody could guess.
    ///   - isRemembered: whether the password was not compared for what `body` gave; for a failure it always was.
    ///   - body: the login.
    /// - Returns: what `body` gives.
    /// - Throws: ``LimitRefusal``, also in place of what `body` gave, and what `body` throws.
    public func login<Value>(
        as account: String,
        from address: String,
        isFailure: (any Error) -> Bool,
        isPassword: Bool = false,
        isRemembered: (Value) -> Bool = { _ in false },
        _ body: () async throws -> Value
    ) async throws -> Value {
        let attempt: LoginLimits.Attempt?
        do throws(LimitRefusal) {
            attempt = try logins?.begin(account, from: address)
        } catch {
            throw noted(error)
        }
        let value: Value
        do {
            value = try await body()
        } catch {
            guard isFailure(error) else {
                if let attempt { logins?.abandon(attempt) }
                throw error
            }
            try await end(attempt, isRight: false, isPassword: isPassword)
            observer.loginFailed()
            throw error
        }
        let isRemembered = isPassword && isRemembered(value)
        try await end(attempt, isRight: true, isPassword: isPassword, isRemembered: isRemembered)
        return value
    }

    private func end(
        _ attempt: LoginLimits.Attempt?,
        isRight: Bool,
        isPassword: Bool,
        isRemembered: Bool = false
    ) async throws(LimitRefusal) {
        guard let logins, let attempt else { return }
        do throws(LimitRefusal) {
            if isRemembered {
                await logins.recognised(attempt)
            } else if isPassword {
                try await logins.compared(attempt, isRight: isRight)
            } else if isRight {
                logins.succeed(attempt)
            } else {
                logins.fail(attempt)
            }
        } catch {
            throw noted(error)
        }
    }

    /// Tells who counts.
    func noted(_ refusal: LimitRefusal) -> LimitRefusal {
        observer.refused(refusal.limit)
        return refusal
    }
}
