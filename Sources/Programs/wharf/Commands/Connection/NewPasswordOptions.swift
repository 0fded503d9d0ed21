import ArgumentParser

/// Whether a new password is made, or chosen.
struct NewPasswordOptions: ParsableArguments {
    @Flag(
        help: """
            Choose the password: it is asked for at the terminal, and elsewhere read from the next line of standard \
            input. Without this one is made and shown.
            """
    )
    var choosePassword = false

    /// The password that was chosen; nil where one is to be made.
    func password(of name: String) throws -> String? {
        guard choosePassword else { return nil }
        if Terminal.isThere { return try Terminal.newPassword(of: name) }
        guard let line = try StandardInput.line(), !line.isEmpty else {
            throw Failure(description: "Standard input has no line with the new password.")
        }
        return line
    }
}
