/// What is there once for the installation.
extension Statements {
    static let installationGroup = [
        installationValue, insertInstallationValue, putInstallationValue, deleteInstallationValue,
    ]

    static let installationValue = Statement("SELECT value FROM installation WHERE name = $1")

    static let insertInstallationValue = Statement(
        """
        INSERT INTO installation (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING
        """
    )

    static let putInstallationValue = Statement(
        """
        INSERT INTO installation (name, value) VALUES ($1, $2)
            ON CONFLICT (name) DO UPDATE SET value = excluded.value
        """
    )

    static let deleteInstallationValue = Statement("DELETE FROM installation WHERE name = $1")
}
