/// Mirrors that guides still name, and what became of them.
enum DeadMirror {
    private static let fates: [String: String] = [
        "registry.docker-cn.com": "it was Docker's own mirror in China and is no longer there",
        "dockerhub.azk8s.cn": "it answers only machines of Azure China",
        "gcr.azk8s.cn": "it answers only machines of Azure China",
        "quay.azk8s.cn": "it answers only machines of Azure China",
        "docker.mirrors.ustc.edu.cn": "it no longer has Docker Hub for the public",
    ]

    /// What to say of an address that names one of them; nil for all others.
    static func message(_ address: EndpointAddress) -> String? {
        fates[address.hostName].map { "the mirror \(address.host) is dead: \($0); take it out" }
    }
}
