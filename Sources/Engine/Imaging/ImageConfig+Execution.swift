import Documents

// How an image is run, if whoever runs it says nothing else (image specification, config.md, `config`).
extension ImageConfig {
    /// The user, as `user[:group]` by name or number; nil for root.
    public var user: String? {
        get { executionText("User") }
        set { execution.set("User", to: newValue.map { .string($0) }) }
    }

    /// Variables of the environment, each as `name=value`.
    public var environment: [String] {
        get { execution.member("Env")?.texts ?? [] }
        set { execution.set("Env", to: newValue.isEmpty ? nil : .texts(newValue)) }
    }

    /// What is run, before the command; nil for nothing.
    public var entrypoint: [String]? {
        get { execution.member("Entrypoint")?.texts }
        set { execution.set("Entrypoint", to: newValue.map { .texts($0) }) }
    }

    /// Arguments of the entrypoint, or what is run where there is none.
    public var command: [String]? {
        get { execution.member("Cmd")?.texts }
        set { execution.set("Cmd", to: newValue.map { .texts($0) }) }
    }

    /// The folder in which it begins.
    public var workingDirectory: String? {
        get { executionText("WorkingDir") }
        set { execution.set("WorkingDir", to: newValue.map { .string($0) }) }
    }

    /// The signal that asks it to stop.
    public var stopSignal: String? {
        get { executionText("StopSignal") }
        set { execution.set("StopSignal", to: newValue.map { .string($0) }) }
    }

    /// Labels, in their order.
    public var labels: [NamedText] {
        get {
            (execution.member("Labels")?.members ?? []).map { NamedText($0.name, $0.value.text ?? "") }
        }
        set {
            let members = newValue.map { JSONValue.Member($0.name, .string($0.value)) }
            execution.set("Labels", to: members.isEmpty ? nil : .object(members))
        }
    }

    /// Ports that it listens on, each as `port/protocol`.
    public var exposedPorts: [String] {
        get { executionNames("ExposedPorts") }
        set { setExecutionNames("ExposedPorts", newValue) }
    }

    /// Folders whose content outlives the container.
    public var volumes: [String] {
        get { executionNames("Volumes") }
        set { setExecutionNames("Volumes", newValue) }
    }

    /// How to find out whether it is well: Docker's `Healthcheck`, as it stands.
    public var healthcheck: JSONValue? {
        execution.member("Healthcheck")
    }

    private func executionText(_ name: String) -> String? {
        let text = execution.member(name)?.text
        return text == "" ? nil : text
    }

    private func executionNames(_ name: String) -> [String] {
        (execution.member(name)?.members ?? []).map(\.name)
    }

    /// Sets of names are objects with empty objects in them; what stands under a name that stays, stays.
    private mutating func setExecutionNames(_ name: String, _ names: [String]) {
        let before = execution.member(name) ?? .object([])
        let members = names.map { JSONValue.Member($0, before.member($0) ?? .object([])) }
        execution.set(name, to: members.isEmpty ? nil : .object(members))
    }
}
