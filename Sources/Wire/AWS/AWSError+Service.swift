import Outgoing

extension AWSError {
    /// What a service refused, and what to do about it.
    ///
    /// - Parameters:
    ///   - answer: What the service answered.
    ///   - action: What was asked for, by the name that policies have for it: `ecr:GetAuthorizationToken`.
    ///   - place: Who was asked.
    ///   - source: Where the credentials are from.
    init(_ answer: ServiceAnswer, action: String, place: OutgoingTarget, source: String) {
        let (name, message) = answer.failure
        let said = message.isEmpty ? "" : " AWS says: \(message)"
        switch name {
        case "AccessDeniedException", "AccessDenied", "UnauthorizedOperation":
            self.init(
                .denied,
                "AWS does not let the credentials from \(source) do \(action): give their user or role a policy that "
                    + "allows it.\(said)"
            )
        case "ExpiredTokenException", "ExpiredToken", "RequestExpired":
            self.init(
                .credentialsExpired,
                "The AWS credentials from \(source) are past their end: get new ones.\(said)"
            )
        case "InvalidSignatureException", "SignatureDoesNotMatch", "IncompleteSignature", "RequestTimeTooSkewed":
            self = Self.signatureRefused(message, source)
        case "UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId", "AuthFailure",
            "InvalidClientToken", "MissingAuthenticationTokenException":
            self.init(
                .credentialsRefused,
                "AWS does not know the credentials from \(source), or not at \(place): look whether the key still "
                    + "exists, whether it is of this partition, and whether the region is enabled for the account."
                    + said
            )
        case "InvalidIdentityToken", "InvalidIdentityTokenException", "IDPRejectedClaim", "IDPCommunicationError":
            self.init(
                .credentialsRefused,
                "AWS does not take the web identity token from \(source): look at its issuer and audience, and at the "
                    + "trust policy of the role.\(said)"
            )
        case "RegionDisabledException", "OptInRequired":
            self.init(.regionUnknown, "The region of \(place) is not enabled for the account.\(said)")
        case _ where answer.isWorthAnotherAttempt:
            self.init(
                .unavailable,
                "\(place) did not do \(action) in \(ServiceCalls.attemptsMax) attempts (\(answer.status) \(name)): try "
                    + "again later.\(said)"
            )
        default:
            self.init(
                .notUnderstood,
                "\(place) answers \(action) with \(answer.status) \(name.isEmpty ? "and no reason" : name).\(said)"
            )
        }
    }

    private static func signatureRefused(_ message: String, _ source: String) -> AWSError {
        let isClock = message.contains("expired") || message.contains("not yet current") || message.contains("kewed")
        let advice =
            isClock
            ? "the clock of this machine is wrong: set it."
            : "the secret key does not belong to the access key, or the clock of this machine is wrong."
        return AWSError(
            .credentialsRefused,
            "AWS refuses the signature made with the credentials from \(source): \(advice)"
        )
    }

    /// What kept a request from its answer.
    init(_ error: OutgoingError, region: AWSRegion?) {
        switch (error.code, region) {
        case (.nameNotFound, let region?):
            self.init(
                .regionUnknown,
                "\(error.message) Is \(region) a region of AWS that has this service?",
                underlying: error
            )
        default: self.init(.unavailable, error.message, underlying: error)
        }
    }
}
