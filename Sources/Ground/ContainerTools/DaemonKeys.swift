/// The keys that dockerd knows in its daemon.json on Linux.
///
/// Source: Docker's reference of dockerd, "Daemon configuration file", and the structs of moby's daemon/config (version
/// 29) with those that older versions still take. dockerd does not start when the file has another key.
enum DaemonKeys {
    /// The keys at the top.
    static let known: Set<String> = [
        "allow-direct-routing", "allow-nondistributable-artifacts", "api-cors-header", "authorization-plugins", "bip",
        "bip6", "bridge", "bridge-accept-fwmark", "builder", "cdi-spec-dirs", "cgroup-parent", "containerd",
        "containerd-namespace", "containerd-plugin-namespace", "containerd-plugins-namespace", "cpu-rt-period",
        "cpu-rt-runtime", "cri-containerd", "data-root", "debug", "default-address-pools", "default-cgroupns-mode",
        "default-gateway", "default-gateway-v6", "default-init", "default-ipc-mode", "default-network-opts",
        "default-runtime", "default-shm-size", "default-ulimits", "deprecated-key-path", "dns", "dns-opts",
        "dns-search", "exec-opts", "exec-root", "experimental", "features", "firewall-backend", "fixed-cidr",
        "fixed-cidr-v6", "group", "host-gateway-ip", "host-gateway-ips", "hosts", "icc", "init", "init-path",
        "insecure-registries", "ip", "ip-forward", "ip-forward-no-drop", "ip-masq", "ip6tables", "iptables", "ipv6",
        "labels", "live-restore", "log-driver", "log-format", "log-level", "log-opts", "max-concurrent-downloads",
        "max-concurrent-uploads", "max-download-attempts", "metrics-addr", "mtu", "network-control-plane-mtu",
        "network-diagnostic-port", "no-new-privileges", "node-generic-resources", "pidfile", "proxies", "raw-logs",
        "registry-mirrors", "resolv-conf", "rootless", "runtimes", "seccomp-profile", "selinux-enabled",
        "shutdown-timeout", "storage-driver", "storage-opts", "swarm-default-advertise-addr",
        "swarm-raft-election-tick", "swarm-raft-heartbeat-tick", "tls", "tlscacert", "tlscert", "tlskey", "tlsverify",
        "userland-proxy", "userland-proxy-path", "userns-remap",
    ]

    /// The keys under `proxies`.
    static let proxies: Set<String> = ["http-proxy", "https-proxy", "no-proxy"]

    /// Keys that guides have and dockerd has not, and what to write in their place.
    static let mistaken: [String: String] = [
        "graph": "it was removed in Docker 23; write \"data-root\"",
        "registry-mirror": "write \"registry-mirrors\", a list",
        "mirrors": "write \"registry-mirrors\", a list",
        "registries": "write \"registry-mirrors\" or \"insecure-registries\", lists",
        "insecure-registry": "write \"insecure-registries\", a list",
        "http-proxy": "write it under \"proxies\"; at the top it is read over without a word",
        "https-proxy": "write it under \"proxies\"; at the top it is read over without a word",
        "no-proxy": "write it under \"proxies\"; at the top it is read over without a word",
        "cluster-store": "it was removed in Docker 23; take it out",
        "cluster-advertise": "it was removed in Docker 23; take it out",
        "cluster-store-opts": "it was removed in Docker 23; take it out",
        "disable-legacy-registry": "it was removed in Docker 17.12; take it out",
        "auths": "it belongs in config.json, the file of the command line",
        "credsStore": "it belongs in config.json, the file of the command line",
        "credHelpers": "it belongs in config.json, the file of the command line",
    ]
}
