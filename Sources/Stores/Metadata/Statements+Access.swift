/// Accounts, their credentials, and the rules of who may do what.
extension Statements {
    static let accessGroup = [
        accessVersion, growAccessVersion,
        accounts, insertAccount, setPassword, setDisabled, deleteAccount, deleteAccountGrants,
        groupMembers, insertGroupMember, deleteGroupMember,
        projects, setProject, deleteProject, deleteProjectGrants,
        roles, setRole, deleteRole, deleteRoleGrants,
        grants, insertGrant, deleteGrant,
        credential, credentials, insertCredential, deleteCredential, deleteExpiredCredentials,
        signingKeys, insertSigningKey, deleteSigningKey,
    ]

    static let accessVersion = Statement("SELECT version FROM access_change")
    static let growAccessVersion = Statement("UPDATE access_change SET version = version + 1")

    static let accounts = Statement(
        "SELECT name, kind, password, epoch, created_at, disabled_at FROM account ORDER BY name"
    )
    static let insertAccount = Statement(
        """
        INSERT INTO account (name, kind, password, epoch, created_at, disabled_at) VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (name) DO NOTHING
        """
    )
    static let setPassword = Statement("UPDATE account SET password = $2, epoch = epoch + 1 WHERE name = $1")
    static let setDisabled = Statement("UPDATE account SET disabled_at = $2, epoch = epoch + 1 WHERE name = $1")
    static let deleteAccount = Statement("DELETE FROM account WHERE name = $1")
    static let deleteAccountGrants = Statement("DELETE FROM role_grant WHERE subject IN ($1, $2)")

    static let groupMembers = Statement("SELECT group_name, account FROM group_member ORDER BY group_name, account")
    static let insertGroupMember = Statement(
        "INSERT INTO group_member (group_name, account) VALUES ($1, $2) ON CONFLICT (group_name, account) DO NOTHING"
    )
    static let deleteGroupMember = Statement("DELETE FROM group_member WHERE group_name = $1 AND account = $2")

    static let projects = Statement("SELECT name, is_public, created_at FROM project ORDER BY name")
    static let setProject = Statement(
        """
        INSERT INTO project (name, is_public, created_at) VALUES ($1, $2, $3)
            ON CONFLICT (name) DO UPDATE SET is_public = excluded.is_public
        """
    )
    static let deleteProject = Statement("DELETE FROM project WHERE name = $1")
    static let deleteProjectGrants = Statement("DELETE FROM role_grant WHERE project = $1")

    static let roles = Statement("SELECT name, policies FROM role ORDER BY name")
    static let setRole = Statement(
        """
        INSERT INTO role (name, policies) VALUES ($1, $2)
            ON CONFLICT (name) DO UPDATE SET policies = excluded.policies
        """
    )
    static let deleteRole = Statement("DELETE FROM role WHERE name = $1")
    static let deleteRoleGrants = Statement("DELETE FROM role_grant WHERE role = $1")

    static let grants = Statement("SELECT subject, role, project FROM role_grant ORDER BY subject, role, project")
    static let insertGrant = Statement(
        """
        INSERT INTO role_grant (subject, role, project) VALUES ($1, $2, $3)
            ON CONFLICT (subject, role, project) DO NOTHING
        """
    )
    static let deleteGrant = Statement("DELETE FROM role_grant WHERE subject = $1 AND role = $2 AND project = $3")

    static let credential = Statement(
        """
        SELECT secret_hash, id, account, kind, label, policies, created_at, expires_at FROM credential
            WHERE secret_hash = $1
        """
    )
    static let credentials = Statement(
        """
        SELECT secret_hash, id, account, kind, label, policies, created_at, expires_at FROM credential
            WHERE account = $1 ORDER BY created_at, id LIMIT $2
        """
    )
    static let insertCredential = Statement(
        """
        INSERT INTO credential (secret_hash, id, account, kind, label, policies, created_at, expires_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        """
    )
    static let deleteCredential = Statement("DELETE FROM credential WHERE id = $1")
    static let deleteExpiredCredentials = Statement("DELETE FROM credential WHERE expires_at < $1")

    static let signingKeys = Statement("SELECT id, private_key, created_at FROM signing_key ORDER BY created_at, id")
    static let insertSigningKey = Statement(
        "INSERT INTO signing_key (id, private_key, created_at) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING"
    )
    static let deleteSigningKey = Statement("DELETE FROM signing_key WHERE id = $1")
}
