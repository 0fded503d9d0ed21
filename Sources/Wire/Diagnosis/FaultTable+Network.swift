extension FaultTable {
    /// What is wrong on the way to the registry.
    static let network: [Fault] = [
        Fault(
            "no-such-host",
            at: .dns,
            printed: ["no such host", "dial tcp: lookup …: no such host", "Name or service not known"],
            "The name servers of this machine know no such host: the name is mistyped, or it is known only inside of a "
                + "network, or all must go through a proxy and the daemon does not know of it."
        ) { subject in
            [
                Mend(
                    .any,
                    "Look at the spelling, and ask the name servers.",
                    commands: ["getent hosts \(subject.bareHost)", "cat /etc/resolv.conf"]
                ),
                Mend(
                    .any,
                    "If the host has no name, write its address down.",
                    file: "\(subject.root)/etc/hosts",
                    text: "192.0.2.10 \(subject.bareHost)"
                ),
            ] + Mends.proxy(subject)
        },
        Fault(
            "dns-failed",
            at: .dns,
            printed: [
                "Temporary failure in name resolution", "server misbehaving", "lookup … on …: i/o timeout",
                "lookup … on …: read udp …: i/o timeout", "lookup … on …: connection refused",
                "lookup … on …: read udp …: connection refused",
            ],
            "The name servers of this machine do not answer."
        ) { subject in
            [
                Mend(
                    .any,
                    "Name servers that answer, and ask them.",
                    file: "\(subject.root)/etc/resolv.conf",
                    text: "nameserver 192.0.2.53",
                    commands: ["getent hosts \(subject.bareHost)"]
                ),
                Mend(
                    .docker,
                    "The daemon reads that file when it starts.",
                    commands: ["sudo systemctl restart docker"]
                ),
            ] + Mends.proxy(subject)
        },
        Fault(
            "refused",
            at: .tcp,
            printed: ["connect: connection refused", "dial tcp …: connect: connection refused"],
            "The host is there, and nobody listens on that port: the registry does not run, or on another "
                + "port, or only for "
                + "its own machine (127.0.0.1). Inside of a container, localhost is the container."
        ) { subject in
            [
                Mend(
                    .registry,
                    "Look whether it runs, and where it listens.",
                    commands: [
                        "sudo ss -ltnp | grep -E ':\(Mends.port(subject))\\b'",
                        "wharf serve --listen 0.0.0.0:\(Mends.port(subject))",
                    ]
                ),
                Mend(
                    .any,
                    "Name the port where it is another than \(Mends.port(subject)).",
                    commands: ["docker pull \(subject.image(at: "PORT"))"]
                ),
            ]
        },
        Fault(
            "no-route",
            at: .tcp,
            printed: [
                "connect: no route to host", "connect: network is unreachable",
                "connect: cannot assign requested address",
            ],
            "There is no way to that address, or a firewall says so. Where the address is one of IPv6, this "
                + "machine may have "
                + "none itself."
        ) { subject in
            [
                Mend(
                    .any,
                    "Look at the way there.",
                    commands: ["ip route get \"$(getent hosts \(subject.bareHost) | awk '{print $1; exit}')\""]
                ),
                Mend(
                    .any,
                    "Prefer IPv4 where IPv6 leads nowhere.",
                    file: "\(subject.root)/etc/gai.conf",
                    text: "precedence ::ffff:0:0/96  100"
                ),
            ] + Mends.proxy(subject)
        },
        Fault(
            "timeout",
            at: .tcp,
            printed: [
                "net/http: request canceled while waiting for connection",
                "request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)",
                "dial tcp …: i/o timeout", "context deadline exceeded", "connect: connection timed out",
            ],
            "Packets get no answer: a firewall drops them, the address is wrong, or all must go through a proxy."
        ) { subject in
            [
                Mend(
                    .any,
                    "Try the port by itself, and ask who runs the firewall.",
                    commands: ["timeout 5 bash -c '</dev/tcp/\(subject.bareHost)/\(Mends.port(subject))' && echo open"]
                )
            ] + Mends.proxy(subject) + Mends.mirror(subject)
        },
        Fault(
            "no-answer",
            at: .tls,
            printed: [
                "net/http: TLS handshake timeout", "Client.Timeout exceeded while awaiting headers",
                "timeout awaiting response headers",
            ],
            "The connection is there, and then nothing comes: the server is overloaded, or something on the "
                + "way (a VPN, a "
                + "tunnel, a firewall) loses large packets or holds the connection."
        ) { subject in
            [
                Mend(
                    .any,
                    "Look whether large packets get through; if not, the MTU of the interface is too large.",
                    commands: ["ping -M do -s 1472 -c 3 \(subject.bareHost)", "sudo ip link set dev eth0 mtu 1400"]
                ),
                Mend(
                    .docker,
                    "Give Docker's own networks the same MTU.",
                    file: "\(subject.root)/etc/docker/daemon.json",
                    text: "{\n  \"mtu\": 1400\n}",
                    commands: ["sudo systemctl restart docker"]
                ),
            ] + Mends.proxy(subject)
        },
        Fault(
            "connection-cut",
            at: .tls,
            printed: ["connection reset by peer", "unexpected EOF", "Get …: EOF", "broken pipe"],
            "Somebody ended the connection in the midst: a firewall that does not like the name, a proxy "
                + "with a limit, or a "
                + "server that was restarted."
        ) { subject in
            [
                Mend(.any, "Try again: Docker and wharf go on with the layers that are there already."),
                Mend(
                    .registry,
                    "Before the registry, let the proxy wait long and take large bodies (nginx).",
                    text: "client_max_body_size 0;\nproxy_request_buffering off;\nproxy_read_timeout 900s;"
                ),
            ] + Mends.proxy(subject)
        },
        Fault(
            "proxy-unreachable",
            at: .tcp,
            printed: [
                "proxyconnect tcp: dial tcp …", "proxyconnect tcp: …no such host",
                "proxyconnect tcp: …connect: connection refused",
            ],
            "All goes through a proxy, and the proxy cannot be reached."
        ) { subject in
            [
                Mend(
                    .any,
                    "Look at the variables of the shell; the daemons have their own.",
                    commands: ["env | grep -i _proxy", "systemctl show --property=Environment docker containerd"]
                )
            ] + Mends.proxy(subject) + Mends.noProxy(subject)
        },
        Fault(
            "proxy-refuses",
            at: .proxy,
            printed: [
                "Proxy Authentication Required",
                "proxyconnect tcp: tls: first record does not look like a TLS handshake",
                "Get …: Forbidden", "Get …: Service Unavailable", "Get …: Filtered",
            ],
            "The proxy asks who comes, or does not let anybody through to that host or port. Where it says "
                + "that a record "
                + "does not look like TLS, its own address is written with https:// and must be with http://."
        ) { subject in
            [
                Mend(
                    .any,
                    "A proxy that asks who comes is told in its address; what is special in the password is escaped "
                        + "(%40 for @).",
                    commands: ["export https_proxy=http://USER:PASSWORD@\(subject.proxy ?? "PROXY:3128")"]
                )
            ] + Mends.noProxy(subject) + Mends.proxy(subject)
        },
    ]
}
