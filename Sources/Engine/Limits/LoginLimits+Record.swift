/// How a login ends whose password was compared: by what all servers have counted.
extension LoginLimits {
    /// The password of a login was compared.
    ///
    /// Only now it is looked at what others have counted meanwhile, here or at other servers, and before the caller is
    /// told anything: of many passwords that are tried at once, wherever, only as many get an answer as of those that
    /// are tried one after the other. The others are refused alike, whether they are right or wrong, and do not count.
    ///
    /// - Parameters:
    ///   - attempt: the login.
    ///   - isRight: whether it is the password.
    /// - Throws: how long to wait, in place of the answer.
    public func compared(_ attempt: Attempt, isRight: Bool) async throws(LimitRefusal) {
        try refuse(attempt)
        let standing = await record?.standing(of: attempt.pair, under: rule)
        if let standing {
            learn(standing, of: attempt)
            try refuse(attempt)
        }
        if isRight {
            if let standing, standing.failures > 0 { await record?.forget(attempt.pair) }
            forget(attempt)
        } else if standing != nil, let added = await record?.addFailure(of: attempt.pair, under: rule) {
            guard added.isAdded else {
                learn(added.standing, of: attempt)
                try refuse(attempt)
                abandon(attempt)
                throw LimitRefusal(.logins, retryAfter: 1)
            }
            fail(attempt, sharedAs: added.standing)
        } else {
            fail(attempt)
        }
    }

    /// The login succeeded by a password that was remembered, and not compared.
    public func recognised(_ attempt: Attempt) async {
        if attempt.isKept { await record?.forget(attempt.pair) }
        succeed(attempt)
    }

    private func refuse(_ attempt: Attempt) throws(LimitRefusal) {
        guard let refusal = refusal(of: attempt) else { return }
        abandon(attempt)
        throw refusal
    }
}
