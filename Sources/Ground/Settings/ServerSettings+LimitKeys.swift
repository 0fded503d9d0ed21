extension ServerSettings {
    static let addressKeys = [
        Declaration(
            "http.allowed-addresses",
            \.http.allowedAddresses,
            "The addresses that may use the server at all: blocks of addresses. Others get 403 to everything, and only "
                + "this machine may still ask `/livez` and `/readyz`. None means that all may."
        )
    ]

    static let lockoutKeys = [
        Declaration(
            "access.lockout-failures",
            \.access.lockoutFailures,
            in: 0...1000,
            "After how many failed logins in a row, as one account from one address, the next one has to wait (429): "
                + "a second, and twice as long after each further failure. An address has 20 times as many, whatever "
                + "the account. 0 means that logins are not limited."
        ),
        Declaration(
            "access.lockout-time",
            \.access.lockoutTime,
            in: .seconds(1)...Duration.seconds(86_400),
            "The longest that a login has to wait after failed ones, and the time without a failure after which they "
                + "are forgotten."
        ),
    ]

    static let limitKeys = [
        Declaration(
            "limits.requests-per-address",
            \.limits.requestsPerAddress,
            "How many requests a client may send (429 above it): so many at once, and then as they grow back. An IPv6 "
                + "client is its /64."
        ),
        Declaration(
            "limits.requests-per-user",
            \.limits.requestsPerUser,
            "The same for somebody who has logged in, from wherever."
        ),
        Declaration(
            "limits.requests-per-repository",
            \.limits.requestsPerRepository,
            "The same for all who may pull from a repository together."
        ),
        Declaration(
            "limits.bytes-per-address",
            \.limits.bytesPerAddress,
            "How many bytes of bodies may go to and from a client. A transfer is never cut off: what was too much is "
                + "paid off by waiting before the next request (429)."
        ),
        Declaration(
            "limits.bytes-per-user",
            \.limits.bytesPerUser,
            "The same for somebody who has logged in, from wherever."
        ),
        Declaration(
            "limits.bytes-per-repository",
            \.limits.bytesPerRepository,
            "The same for all who may pull from a repository together."
        ),
        Declaration(
            "limits.pulls-anonymous",
            \.limits.pullsAnonymous,
            "How many manifests may be pulled from an address without a login, in a sliding window (429 above it). "
                + "Asking by HEAD is free."
        ),
        Declaration(
            "limits.pulls-authenticated",
            \.limits.pullsAuthenticated,
            "The same for somebody who has logged in, from wherever."
        ),
        Declaration(
            "limits.exempt",
            \.limits.exempt,
            "Who is held to none of these limits."
        ),
    ]
}
