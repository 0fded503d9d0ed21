import Documents
import OCI

/// The configuration of an image: what it is for, how it is run, how it was made (image specification, config.md).
///
/// Fields that are not understood are kept, with their order, through every change. Those that are understood have the
/// right type or the config is refused; `null` stands for nothing, as Go writes it.
public struct ImageConfig: Hashable, Sendable {
    /// The largest config that is read, in bytes: as much as a manifest may have.
    public static let byteCountMax = Manifest.byteCountMax

    /// The whole document, an object.
    public private(set) var document: JSONValue

    /// Reads a config.
    public init(parsing bytes: [UInt8]) throws(ImagingError) {
        do {
            document = try JSONValue(json: bytes)
        } catch {
            throw ImagingError(.documentInvalid, "The config is no JSON that can be read: \(error).")
        }
        if let problem = Self.problem(in: document) {
            throw ImagingError(.documentInvalid, "The config of the image is not valid: \(problem).")
        }
    }

    /// Begins the config of an image without layers.
    public init(platform: Platform, created: String?) {
        document = .object([])
        self.created = created
        self.platform = platform
        document.set("config", to: .object([]))
        let rootfs: [JSONValue.Member] = [.init("type", .string("layers")), .init("diff_ids", .array([]))]
        document.set("rootfs", to: .object(rootfs))
        document.set("history", to: .array([]))
    }

    /// The config in JSON, without white space.
    public var bytes: [UInt8] { document.json() }

    // MARK: - Checking

    /// What is wrong with the fields that are understood; nil for nothing.
    private static func problem(in document: JSONValue) -> String? {
        guard document.members != nil else { return "it is no JSON object" }
        for name in ["created", "author", "architecture", "os", "os.version", "variant"] {
            guard document.member(name).map({ $0.text != nil }) ?? true else { return "\(name) is no text" }
        }
        for name in ["config", "rootfs"] {
            guard document.member(name).map({ $0.members != nil }) ?? true else { return "\(name) is no object" }
        }
        return problem(inRootfs: document.member("rootfs")) ?? problem(inHistory: document.member("history"))
            ?? problem(inExecution: document.member("config"))
    }

    private static func problem(inRootfs rootfs: JSONValue?) -> String? {
        guard let list = rootfs?.member("diff_ids") else { return nil }
        guard let texts = list.texts else { return "rootfs.diff_ids is no list of texts" }
        for (index, text) in texts.enumerated() {
            do throws(Digest.ParseError) {
                _ = try Digest(text)
            } catch {
                return "rootfs.diff_ids[\(index)] \(error.reason)"
            }
        }
        return nil
    }

    private static func problem(inHistory history: JSONValue?) -> String? {
        guard let history else { return nil }
        guard let steps = history.items else { return "history is no list" }
        for (index, step) in steps.enumerated() {
            guard step.members != nil else { return "history[\(index)] is no object" }
            for name in ["created", "created_by", "author", "comment"] {
                guard step.member(name).map({ $0.text != nil }) ?? true else {
                    return "history[\(index)].\(name) is no text"
                }
            }
            switch step.member("empty_layer") {
            case nil, .bool: break
            default: return "history[\(index)].empty_layer is neither true nor false"
            }
        }
        return nil
    }

    private static func problem(inExecution execution: JSONValue?) -> String? {
        guard let execution else { return nil }
        for name in ["User", "WorkingDir", "StopSignal"] {
            guard execution.member(name).map({ $0.text != nil }) ?? true else { return "config.\(name) is no text" }
        }
        for name in ["Env", "Entrypoint", "Cmd"] {
            guard execution.member(name).map({ $0.texts != nil }) ?? true else {
                return "config.\(name) is no list of texts"
            }
        }
        for name in ["ExposedPorts", "Volumes", "Labels", "Healthcheck"] {
            guard execution.member(name).map({ $0.members != nil }) ?? true else {
                return "config.\(name) is no object"
            }
        }
        let labels = execution.member("Labels")?.members ?? []
        guard let label = labels.first(where: { $0.value.text == nil }) else { return nil }
        return "config.Labels has the label \(label.name.prefix(100)), which is no text"
    }
}

// MARK: - What it is, and how it was made

extension ImageConfig {
    /// When the image was made, in RFC 3339.
    public var created: String? {
        get { document.member("created")?.text }
        set { document.set("created", to: newValue.map { .string($0) }) }
    }

    /// Who made it.
    public var author: String? {
        get { document.member("author")?.text }
        set { document.set("author", to: newValue.map { .string($0) }) }
    }

    /// What it runs on, as written; nil where processor or system are not named.
    public var platform: Platform? {
        get {
            guard let architecture = document.member("architecture")?.text, let os = document.member("os")?.text,
                !architecture.isEmpty, !os.isEmpty
            else { return nil }
            let variant = document.member("variant")?.text
            return Platform(
                architecture: architecture,
                os: os,
                variant: variant == "" ? nil : variant,
                osVersion: document.member("os.version")?.text
            )
        }
        set {
            document.set("architecture", to: newValue.map { .string($0.architecture) })
            document.set("os", to: newValue.map { .string($0.os) })
            document.set("os.version", to: newValue?.osVersion.map { .string($0) })
            document.set("variant", to: newValue?.variant.map { .string($0) })
        }
    }

    /// The digests of the layers' tar archives, without compression, from the first to the last.
    public var diffIDs: [Digest] {
        (document.member("rootfs")?.member("diff_ids")?.texts ?? []).compactMap { try? Digest($0) }
    }

    /// How it was made, step by step.
    public var history: [HistoryStep] {
        (document.member("history")?.items ?? []).map(HistoryStep.init)
    }

    /// Adds a layer, and the step that made it.
    public mutating func append(layer diffID: Digest, made step: HistoryStep) {
        var rootfs = document.member("rootfs") ?? .object([.init("type", .string("layers"))])
        rootfs.set("diff_ids", to: .array((rootfs.member("diff_ids")?.items ?? []) + [.string("\(diffID)")]))
        document.set("rootfs", to: rootfs)
        append(step)
    }

    /// Adds a step.
    public mutating func append(_ step: HistoryStep) {
        document.set("history", to: .array((document.member("history")?.items ?? []) + [step.document]))
    }

    /// Puts other layers and steps in place of those that are there.
    mutating func replaceLayers(diffIDs: [Digest], history: [JSONValue]) {
        var rootfs = document.member("rootfs") ?? .object([.init("type", .string("layers"))])
        rootfs.set("diff_ids", to: .texts(diffIDs.map(\.description)))
        document.set("rootfs", to: rootfs)
        document.set("history", to: .array(history))
    }

    /// How the image is run, as it stands; an empty object where nothing is said.
    var execution: JSONValue {
        get { document.member("config") ?? .object([]) }
        set { document.set("config", to: newValue) }
    }
}
