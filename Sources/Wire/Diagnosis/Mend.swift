/// One thing that mends a fault: for whom, what to do, and exactly where.
public struct Mend: Sendable, Hashable {
    /// Who it is for.
    public enum Tool: String, Sendable, Hashable, CaseIterable {
        /// Every tool alike.
        case any
        /// Docker.
        case docker
        /// containerd, and Kubernetes on it.
        case containerd
        /// podman, buildah and skopeo.
        case podman
        /// This program.
        case wharf
        /// Who runs the registry.
        case registry

        /// What it is called in a text.
        public var title: String {
            switch self {
            case .any: "every tool"
            case .docker: "Docker"
            case .containerd: "containerd"
            case .podman: "podman"
            case .wharf: "wharf"
            case .registry: "whoever runs the registry"
            }
        }
    }

    /// Who it is for.
    public var tool: Tool
    /// What to do: a sentence.
    public var what: String
    /// The file to write, where there is one.
    public var file: String?
    /// What to put there.
    public var text: String?
    /// What to run, in this order.
    public var commands: [String]
    /// Whether it takes away protection, so that nothing else should be left to try.
    public var isLastResort: Bool

    /// States a mend.
    public init(
        _ tool: Tool,
        _ what: String,
        file: String? = nil,
        text: String? = nil,
        commands: [String] = [],
        isLastResort: Bool = false
    ) {
        self.tool = tool
        self.what = what
        self.file = file
        self.text = text
        self.commands = commands
        self.isLastResort = isLastResort
    }
}
