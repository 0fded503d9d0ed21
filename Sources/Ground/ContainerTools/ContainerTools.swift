/// The container tools whose files are read here.
public enum ContainerTool: String, Sendable, CaseIterable {
    /// Docker: `config.json`, `daemon.json`, `certs.d`.
    case docker
    /// podman, buildah, skopeo: `auth.json`, `registries.conf`.
    case podman
    /// containerd: `certs.d/HOST/hosts.toml`.
    case containerd
}
