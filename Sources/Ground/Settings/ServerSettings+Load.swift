extension ServerSettings {
    /// The environment variable that names the file when no flag does.
    public static let fileVariable = "WHARF_CONFIG"

    /// Environment variables of the commands that speak to a server: to a server itself they are none.
    static let commandVariables: Set<String> = ["WHARF_SERVER", "WHARF_USER", "WHARF_PASSWORD"]

    /// Reads and checks all settings: flags over environment over file over defaults.
    ///
    /// - Parameters:
    ///   - path: the YAML file; without it the one that ``fileVariable`` names, if it does.
    ///   - environment: the variables of the process. Those that begin with `WHARF_` must be known.
    ///   - arguments: the flags with their values, such as `["--listen", "127.0.0.1:0"]`.
    /// - Returns: the checked values and where each comes from.
    /// - Throws: all that is wrong, together.
    public static func load(
        file path: String? = nil,
        environment: [String: String],
        arguments: [String]
    ) throws(SettingsError) -> LoadedSettings<ServerSettings> {
        var file: ConfigurationFile?
        if let path = path ?? environment[fileVariable], !path.isEmpty {
            file = try ConfigurationFile(reading: path)
        }
        return try table.load(file: file, environment: environment, arguments: arguments)
    }

    /// A JSON Schema of the file, for editors.
    public static var jsonSchema: String { table.jsonSchema(title: "The configuration of wharf") }

    /// The page of the documentation that lists every key.
    public static var referencePage: String { table.referencePage }

    /// What `--help` says of the flags.
    public static var flagHelp: String { table.flagHelp }
}
