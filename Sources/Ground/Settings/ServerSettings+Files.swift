import Glibc

extension LoadedSettings<ServerSettings> {
    /// Makes sure that the files that the settings name are there and can be read, and that secrets can be had.
    ///
    /// It looks at no content, and runs the commands that secrets are references to.
    /// - Throws: all that are not, together.
    public func checkFiles() throws(SettingsError) {
        let files = [
            ("http.tls.certificate", settings.http.tls.certificate),
            ("http.tls.key", settings.http.tls.key),
        ]
        var problems = files.compactMap { key, file -> SettingProblem? in
            guard let file, let reason = Self.obstacle(to: file.description) else { return nil }
            return SettingProblem(
                code: .unreadableFile,
                origin: origin(of: key),
                message: "\(key) is \"\(file)\", which \(reason)"
            )
        }
        problems += secretProblems()
        guard problems.isEmpty else { throw SettingsError(problems: problems) }
    }

    /// Why a file cannot be read; nil when it can.
    private static func obstacle(to path: String) -> String? {
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { return "is a folder, not a file" }
        guard access(path, R_OK) != 0 else { return nil }
        let number = errno
        return number == ENOENT ? "does not exist" : "cannot be read: \(String(cString: strerror(number)))"
    }
}
