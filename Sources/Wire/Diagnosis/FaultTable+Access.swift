extension FaultTable {
    /// What is wrong with who one is, and what one may.
    static let access: [Fault] = [
        Fault(
            "bad-challenge",
            at: .challenge,
            printed: [
                "unsupported auth scheme", "no supported challenge", "missing WWW-Authenticate header",
                "invalid realm: …", "unknown authentication scheme",
            ],
            "The registry wants to know who calls, and does not say how in a way that can be followed: no "
                + "WWW-Authenticate, a "
                + "scheme that nobody has, or a token service without TLS."
        ) { _ in
            [
                Mend(
                    .registry,
                    "Behind a proxy, pass WWW-Authenticate on, and tell the registry its outer address, so "
                        + "that the realm "
                        + "begins with https:// (nginx).",
                    text: "proxy_set_header Host $http_host;\nproxy_set_header X-Forwarded-Proto $scheme;"
                )
            ]
        },
        Fault(
            "token-service-unreachable",
            at: .token,
            printed: [
                "failed to fetch anonymous token: Get …", "failed to fetch oauth token: Post …",
                "failed to authorize: failed to fetch anonymous token",
                "failed to authorize: failed to fetch oauth token",
                "Error: requesting bearer token: …", "error getting token: …",
            ],
            "The registry answers, and the service that gives its tokens does not: often it is another host "
                + "(auth.docker.io for "
                + "Docker Hub), which a firewall, a proxy or a mirror does not know."
        ) { subject in
            [
                Mend(
                    .any,
                    "See which host that is, and whether it can be reached.",
                    commands: ["curl -sI https://\(subject.apiHost)/v2/ | grep -i ^www-authenticate"]
                ),
                Mend(
                    .registry,
                    "The realm must be an address that clients reach, and not one inside of the server's own network."
                ),
            ] + Mends.proxy(subject)
        },
        Fault(
            "login-missing",
            at: .token,
            printed: [
                "no basic auth credentials", "unauthorized: authentication required", "authentication required",
                "401 Unauthorized", "unable to retrieve auth token: invalid username/password: unauthorized",
                "unauthorized: access to the requested resource is not authorized",
            ],
            "The registry wants a login for this, and none was sent: nobody has logged in, another user has "
                + "(with sudo, root), "
                + "or under another name of the registry."
        ) { subject in Mends.login(subject) },
        Fault(
            "wrong-password",
            at: .token,
            printed: [
                "unauthorized: incorrect username or password", "incorrect username or password",
                "unauthorized: invalid username or password", "login attempt to … failed with status: 401 Unauthorized",
                "unable to retrieve auth token: invalid username/password", "unauthorized: authorization failed",
                "error logging into …: invalid username/password", "Wrong username or password",
            ],
            "There is a login for the registry, and it is refused: the password was changed or mistyped, a "
                + "token ended or was "
                + "revoked, the account is locked, or the registry wants a token in the place of a password."
        ) { subject in
            [
                Mend(
                    .any,
                    "Take the old login away: it also stands in the way of what is open to everybody.",
                    commands: [
                        "wharf logout \(subject.host)", "docker logout \(subject.host)",
                        "podman logout \(subject.host)",
                    ]
                )
            ] + Mends.login(subject)
        },
        Fault(
            "login-expired",
            at: .token,
            printed: [
                "Your authorization token has expired. Reauthenticate and try again.", "token has expired",
                "denied: Your authorization token has expired", "unauthorized: token expired", "token is expired",
            ],
            "What was kept at the last login has ended. ECR's logins last twelve hours; a token may also "
                + "end during a long push."
        ) { subject in
            Mends.login(subject) + [
                Mend(
                    .docker,
                    "For ECR, let a program fetch the login anew each time.",
                    file: "\(subject.home)/.docker/config.json",
                    text: "{\n  \"credHelpers\": {\n    \"\(subject.host)\": \"ecr-login\"\n  }\n}"
                ),
                Mend(
                    .docker,
                    "A push that lasts longer than a token: fewer layers at once.",
                    file: "\(subject.root)/etc/docker/daemon.json",
                    text: "{\n  \"max-concurrent-uploads\": 2\n}",
                    commands: ["sudo systemctl restart docker"]
                ),
            ]
        },
        Fault(
            "denied",
            at: .manifest,
            printed: [
                "denied: requested access to the resource is denied", "insufficient_scope: authorization failed",
                "pull access denied for …, repository does not exist or may require 'docker login'",
                "pull access denied, repository does not exist or may require authorization", "403 Forbidden",
                "requested access to the resource is denied", "access forbidden", "denied: access denied",
                "server message: insufficient_scope: authorization failed",
            ],
            "Who is logged in may not do this there, or there is no such repository: many registries tell "
                + "no stranger which. A "
                + "name without a host is Docker Hub's, and one without a slash lies in library/ there."
        ) { subject in
            [
                Mend(
                    .any,
                    "Look at the name: a registry of one's own is named in front of it, and when pushing "
                        + "the image must be "
                        + "tagged with its whole name.",
                    commands: [
                        "docker tag \(subject.repository):\(subject.reference) REGISTRY/\(subject.repository):"
                            + "\(subject.reference)"
                    ]
                )
            ] + Mends.login(subject) + [
                Mend(
                    .registry,
                    "Give the right; wharf explains what decides, and why.",
                    commands: [
                        "wharf access explain USER pull \(subject.repository)",
                        "wharf member set USER reader --project PROJECT",
                    ]
                )
            ]
        },
    ]
}
