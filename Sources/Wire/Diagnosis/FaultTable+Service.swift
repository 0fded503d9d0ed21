extension FaultTable {
    /// What is wrong with the service behind the address.
    static let service: [Fault] = [
        Fault(
            "not-a-registry",
            at: .api,
            printed: [
                "error parsing HTTP 404 response body: invalid character '<' looking for beginning of value",
                "error parsing HTTP … response body: invalid character …",
                "invalid status code from registry 404 (Not Found)",
                "invalid character '<' looking for beginning of value",
                "unexpected status from GET request to …: 404 Not Found",
                "pinging container registry …: invalid status code from registry …",
            ],
            "Something answers there, and it is no registry: its /v2/ is a page, or is not there. The "
                + "address is that of a "
                + "console, the port is another one, or a proxy in between answers in the registry's place."
        ) { subject in
            [
                Mend(
                    .any,
                    "See what answers; a registry answers 200 or 401, with "
                        + "`Docker-Distribution-Api-Version: registry/2.0`.",
                    commands: ["curl -si https://\(subject.apiHost)/v2/ | head -20"]
                ),
                Mend(
                    .any,
                    "Name the registry itself: behind the host come a port and the repository, and never "
                        + "the path of a page. "
                        + "Harbor, Nexus and Artifactory have a host, a port or a first part of the name of "
                        + "their own for it."
                ),
                Mend(
                    .registry,
                    "Pass /v2/ on to the registry, as it is, at the root of the host (nginx).",
                    text: "location /v2/ {\n  proxy_pass http://127.0.0.1:5000;\n  proxy_set_header Host $http_host;\n"
                        + "  proxy_set_header X-Forwarded-Proto $scheme;\n  client_max_body_size 0;\n}"
                ),
            ] + Mends.noProxy(subject)
        },
        Fault(
            "moved",
            at: .api,
            printed: [
                "invalid status code from registry 301 (Moved Permanently)",
                "invalid status code from registry 302 (Found)", "unexpected HTTP status: 301 Moved Permanently",
            ],
            "The address sends callers on to another one, which tools do not follow for all that they do."
        ) { subject in
            [
                Mend(
                    .any,
                    "Name the registry where it really is.",
                    commands: ["curl -sIL https://\(subject.apiHost)/v2/ | grep -i ^location"]
                )
            ]
        },
        Fault(
            "server-error",
            at: .api,
            printed: [
                "500 Internal Server Error", "502 Bad Gateway", "503 Service Unavailable", "504 Gateway Time-out",
                "received unexpected HTTP status: …", "unexpected status from …: 5…",
            ],
            "The registry, or a proxy before it, failed by itself: it is being started, its storage or its "
                + "database is not "
                + "there, or it is overloaded."
        ) { subject in
            [
                Mend(.any, "Try again in a minute.", commands: ["wharf ping \(subject.host)"]),
                Mend(
                    .registry,
                    "Look into its log, and at what it says of itself.",
                    commands: ["curl -s http://127.0.0.1:5000/readyz", "journalctl -u wharf -n 50 --no-pager"]
                ),
            ] + Mends.mirror(subject)
        },
        Fault(
            "rate-limited",
            at: .rateLimit,
            printed: [
                "toomanyrequests: You have reached your pull rate limit", "toomanyrequests: …", "429 Too Many Requests",
                "You have reached your unauthenticated pull rate limit", "too many requests",
            ],
            "Whoever calls has pulled too much for now. Docker Hub counts pulls: 100 in six hours for an "
                + "address that is not "
                + "logged in, which a whole company may share, and 200 for a personal account."
        ) { subject in
            Mends.login(subject) + [
                Mend(
                    .any,
                    "Look what is left; it costs no pull.",
                    commands: ["wharf ratelimit \(subject.image)"]
                )
            ] + Mends.mirror(subject)
        },
        Fault(
            "registry-full",
            at: .api,
            printed: [
                "507 Insufficient Storage", "insufficient storage", "denied: …quota exceeded",
                "storage quota …exceeded", "STORAGE_FULL",
            ],
            "The registry has no room left, or the project no quota."
        ) { _ in
            [
                Mend(
                    .registry,
                    "Make room: remove images, and let the registry reclaim it.",
                    commands: ["df -h", "wharf delete --dry-run IMAGE"]
                )
            ]
        },
        Fault(
            "body-too-large",
            at: .api,
            printed: [
                "413 Request Entity Too Large",
                "error parsing HTTP 413 response body: invalid character '<' looking for beginning of value",
                "413 Payload Too Large",
            ],
            "A proxy before the registry takes no bodies as large as this layer."
        ) { _ in
            [
                Mend(
                    .registry,
                    "Let it take bodies of any size (nginx).",
                    text: "client_max_body_size 0;\nproxy_request_buffering off;"
                )
            ]
        },
        Fault(
            "unsupported",
            at: .api,
            printed: [
                "unsupported: The operation is unsupported", "The operation is unsupported", "405 Method Not Allowed",
            ],
            "The registry does not do that at all: as a rule it was told not to delete, or is a mirror that "
                + "takes no pushes."
        ) { _ in
            [
                Mend(
                    .registry,
                    "docker-registry deletes only where it was told to.",
                    file: "/etc/docker/registry/config.yml",
                    text: "storage:\n  delete:\n    enabled: true"
                ),
                Mend(.any, "Push to the registry itself, and not to its mirror."),
            ]
        },
    ]
}
