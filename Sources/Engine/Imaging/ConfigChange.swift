import OCI

/// What becomes of one field of a config.
public enum FieldChange<Value: Sendable & Hashable>: Sendable, Hashable {
    /// It stays.
    case keep
    /// It gets a value.
    case set(Value)
    /// It goes.
    case remove
}

/// Names to be added to a set of names, and others to be taken away.
public struct NameChanges: Hashable, Sendable {
    /// What is added, where it is not there.
    public var added: [String]
    /// What is taken away, before anything is added.
    public var removed: [String]

    /// Names what is to change; nothing by default.
    public init(added: [String] = [], removed: [String] = []) {
        self.added = added
        self.removed = removed
    }

    /// The names as they are afterwards.
    func applied(to names: [String]) -> [String] {
        var names = names.filter { name in !removed.contains { $0.utf8.elementsEqual(name.utf8) } }
        for new in added where !names.contains(where: { $0.utf8.elementsEqual(new.utf8) }) { names.append(new) }
        return names
    }
}

/// What is to be changed of the config of an image.
public struct ConfigChange: Hashable, Sendable {
    /// Labels.
    public var labels = TextChanges()
    /// Variables of the environment.
    public var environment = TextChanges()
    /// The entrypoint: when it is set and the command is not, the command goes, as it was made for the old one.
    public var entrypoint: FieldChange<[String]> = .keep
    /// The command.
    public var command: FieldChange<[String]> = .keep
    /// The user.
    public var user: FieldChange<String> = .keep
    /// The folder in which it begins, an absolute path.
    public var workingDirectory: FieldChange<String> = .keep
    /// The signal that asks it to stop.
    public var stopSignal: FieldChange<String> = .keep
    /// Ports, each as `port[/protocol]`.
    public var exposedPorts = NameChanges()
    /// Folders, as absolute paths.
    public var volumes = NameChanges()
    /// Who made it.
    public var author: FieldChange<String> = .keep
    /// When it was made, in RFC 3339.
    public var created: FieldChange<String> = .keep
    /// What it runs on; nil for what the image says.
    public var platform: Platform?

    /// Changes nothing.
    public init() {}

    /// Looks at what can be told without an image.
    ///
    /// What depends on the platform is looked at when the change is applied.
    ///
    /// - Throws: `requestInvalid` for a change that makes no sense for any image.
    public func check() throws(ImagingError) {
        try checkNames()
        if case .set(let text) = created, !Timestamp.isValid(text) {
            throw Self.refusal("\(text) is no time: write it as 2026-01-31T12:00:00Z.")
        }
        for case .set(let text) in [user, stopSignal] where text.isEmpty {
            throw Self.refusal("User and stop signal cannot be empty: take them away instead.")
        }
        if case .set(let text) = user, !Self.isUser(text) {
            throw Self.refusal("\(text) is no user: write a name or a number, and maybe :group behind it.")
        }
    }

    /// Changes a config.
    ///
    /// - Throws: `requestInvalid` for a change that makes no sense.
    public func apply(to config: inout ImageConfig) throws(ImagingError) {
        try check()
        if case .set(let path) = workingDirectory, !path.hasPrefix("/"), platform?.os != "windows" {
            throw Self.refusal("The working directory \(path) is no absolute path.")
        }
        apply(labels, to: &config)
        applyProcess(to: &config)
        if !exposedPorts.added.isEmpty || !exposedPorts.removed.isEmpty {
            let ports = NameChanges(
                added: exposedPorts.added.map(Self.port),
                removed: exposedPorts.removed + exposedPorts.removed.map(Self.port)
            )
            config.exposedPorts = ports.applied(to: config.exposedPorts)
        }
        if !volumes.added.isEmpty || !volumes.removed.isEmpty { config.volumes = volumes.applied(to: config.volumes) }
        author.apply(to: &config, \.author)
        created.apply(to: &config, \.created)
        if let platform { config.platform = platform }
    }

    private func apply(_ labels: TextChanges, to config: inout ImageConfig) {
        if !labels.isEmpty { config.labels = labels.applied(to: config.labels) }
    }

    private func applyProcess(to config: inout ImageConfig) {
        if !environment.isEmpty {
            let before = config.environment.map { NamedText(assignment: $0) ?? NamedText($0, "") }
            config.environment = environment.applied(to: before).map { "\($0.name)=\($0.value)" }
        }
        entrypoint.apply(to: &config, \.entrypoint)
        if case .set = entrypoint, command == .keep { config.command = nil }
        command.apply(to: &config, \.command)
        user.apply(to: &config, \.user)
        workingDirectory.apply(to: &config, \.workingDirectory)
        stopSignal.apply(to: &config, \.stopSignal)
    }

    // MARK: - Checking

    private func checkNames() throws(ImagingError) {
        for variable in environment.assigned where variable.name.isEmpty || variable.name.utf8.contains(0x3D) {
            throw Self.refusal("A variable of the environment needs a name without an equals sign.")
        }
        for label in labels.assigned where label.name.isEmpty { throw Self.refusal("A label needs a name.") }
        for port in exposedPorts.added where !Self.isPort(port) {
            throw Self.refusal("\(port) is no port: write 8080, 8080/tcp or 53/udp.")
        }
        for volume in volumes.added where !volume.hasPrefix("/") {
            throw Self.refusal("The volume \(volume) is no absolute path.")
        }
    }

    private static func refusal(_ message: String) -> ImagingError {
        ImagingError(.requestInvalid, message)
    }

    /// Whether it is of the form `user[:group]`, the user not empty.
    private static func isUser(_ text: String) -> Bool {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count <= 2 && parts.allSatisfy { !$0.isEmpty }
    }

    private static func isPort(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.count == 1 || ["tcp", "udp", "sctp"].contains(parts[1]) else {
            return false
        }
        let ends = parts[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        return ends.allSatisfy { end in
            end.utf8.allSatisfy { (0x30...0x39).contains($0) } && (1...65535).contains(Int(end) ?? 0)
        }
    }

    /// With its protocol, which is TCP where none is named.
    private static func port(_ text: String) -> String {
        text.utf8.contains(UInt8(ascii: "/")) ? text : text + "/tcp"
    }
}

extension FieldChange {
    /// What is kept is not written again either: it may stand there in a way of its own.
    fileprivate func apply(to config: inout ImageConfig, _ field: WritableKeyPath<ImageConfig, Value?>) {
        switch self {
        case .keep: break
        case .set(let value): config[keyPath: field] = value
        case .remove: config[keyPath: field] = nil
        }
    }
}
