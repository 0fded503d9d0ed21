import ArgumentParser
import Imaging
import OCI

/// What is to change in the config of an image, or to stand in that of a new one.
struct ConfigChangeOptions: ParsableArguments {
    @Option(
        name: [.customShort("l"), .customLong("label")],
        help: ArgumentHelp("A label.", valueName: "name=value"),
        transform: Typed.assignment
    )
    var labels: [NamedText] = []

    @Option(help: ArgumentHelp("A label to take away.", valueName: "name"))
    var removeLabel: [String] = []

    @Option(
        name: [.customShort("e"), .customLong("env")],
        help: ArgumentHelp("A variable of the environment.", valueName: "name=value"),
        transform: Typed.assignment
    )
    var environment: [NamedText] = []

    @Option(help: ArgumentHelp("A variable to take away.", valueName: "name"))
    var unsetEnv: [String] = []

    @Option(help: ArgumentHelp("What is run, one word each; an empty one takes it away.", valueName: "word"))
    var entrypoint: [String] = []

    @Option(help: ArgumentHelp("The arguments, one word each; an empty one takes them away.", valueName: "word"))
    var cmd: [String] = []

    @Option(help: ArgumentHelp("The user, as name or number, maybe with a group.", valueName: "user[:group]"))
    var user: String?

    @Option(help: ArgumentHelp("The folder in which it begins.", valueName: "path"))
    var workdir: String?

    @Option(help: ArgumentHelp("A port that it listens on.", valueName: "port[/protocol]"))
    var expose: [String] = []

    @Option(help: ArgumentHelp("A folder that outlives the container.", valueName: "path"))
    var volume: [String] = []

    @Option(help: ArgumentHelp("The signal that asks it to stop.", valueName: "signal"))
    var stopSignal: String?

    @Option(help: ArgumentHelp("Who made it.", valueName: "name"))
    var author: String?

    @Option(help: ArgumentHelp("When it was made, in RFC 3339.", valueName: "time"))
    var created: String?

    func validate() throws {
        do throws(ImagingError) {
            try configChange.check()
        } catch {
            throw ValidationError(error.message)
        }
    }

    /// The same for the engine.
    var configChange: ConfigChange {
        var change = ConfigChange()
        change.labels = TextChanges(assigned: labels, removed: removeLabel)
        change.environment = TextChanges(assigned: environment, removed: unsetEnv)
        change.entrypoint = Self.words(entrypoint)
        change.command = Self.words(cmd)
        change.user = Self.text(user)
        change.workingDirectory = Self.text(workdir)
        change.stopSignal = Self.text(stopSignal)
        change.author = Self.text(author)
        change.created = Self.text(created)
        change.exposedPorts = NameChanges(added: expose)
        change.volumes = NameChanges(added: volume)
        return change
    }

    private static func words(_ words: [String]) -> FieldChange<[String]> {
        words.isEmpty ? .keep : words == [""] ? .remove : .set(words)
    }

    private static func text(_ text: String?) -> FieldChange<String> {
        text.map { $0.isEmpty ? .remove : .set($0) } ?? .keep
    }
}
