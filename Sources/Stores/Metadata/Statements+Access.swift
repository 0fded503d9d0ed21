/// Accounts, and the rules of who may do what.
extension Statements {
    static let accessGroup = [
        accessVersion, growAccessVersion,
        accounts, account, insertAccount, setPassword, renewPassword,
        setDisabled, setDescription, deleteAccount, deleteAccountGrants,
        groups, insertGroup, deleteGroup, deleteGroupMembers, deleteSubjectGrants,
        links, insertLink, deleteLink,
        groupMembers, insertGroupMember, deleteGroupMember,
        projects, setProject, deleteProject, deleteProjectGrants,
        roles, setRole, deleteRole, deleteRoleGrants,
        grants, insertGrant, deleteGrant,
    ]

    static let accessVersion = Statement("SELECT version FROM access_change")
    static let growAccessVersion = Statement("UPDATE access_change SET version = version + 1")

    static let accounts = Statement(
        "SELECT name, kind, password, epoch, created_at, disabled_at, project, description FROM account ORDER BY name"
    )
    static let account = Statement(
        """
        SELECT name, kind, password, epoch, created_at, disabled_at, project, description FROM account
            WHERE name = $1
        """
    )
    static let insertAccount = Statement(
        """
        INSERT INTO account (name, kind, password, epoch, created_at, disabled_at, project, description)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (name) DO NOTHING
        """
    )
    static let setPassword = Statement("UPDATE account SET password = $2, epoch = epoch + 1 WHERE name = $1")
    static let renewPassword = Statement("UPDATE account SET password = $2 WHERE name = $1 AND password = $3")
    static let setDisabled = Statement("UPDATE account SET disabled_at = $2, epoch = epoch + 1 WHERE name = $1")
    static let setDescription = Statement("UPDATE account SET description = $2 WHERE name = $1")
    static let deleteAccount = Statement("DELETE FROM account WHERE name = $1")
    static let deleteAccountGrants = Statement("DELETE FROM role_grant WHERE subject IN ($1, $2)")

    static let links = Statement("SELECT source, subject, account FROM account_link ORDER BY source, subject")
    static let insertLink = Statement(
        """
        INSERT INTO account_link (source, subject, account) VALUES ($1, $2, $3)
            ON CONFLICT (source, subject) DO UPDATE SET account = excluded.account
        """
    )
    static let deleteLink = Statement("DELETE FROM account_link WHERE source = $1 AND subject = $2")

    static let groups = Statement("SELECT name, created_at FROM account_group ORDER BY name")
    static let insertGroup = Statement(
        "INSERT INTO account_group (name, created_at) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING"
    )
    static let deleteGroup = Statement("DELETE FROM account_group WHERE name = $1")
    static let deleteGroupMembers = Statement("DELETE FROM group_member WHERE group_name = $1")
    static let deleteSubjectGrants = Statement("DELETE FROM role_grant WHERE subject = $1")

    static let groupMembers = Statement("SELECT group_name, account FROM group_member ORDER BY group_name, account")
    static let insertGroupMember = Statement(
        "INSERT INTO group_member (group_name, account) VALUES ($1, $2) ON CONFLICT (group_name, account) DO NOTHING"
    )
    static let deleteGroupMember = Statement("DELETE FROM group_member WHERE group_name = $1 AND account = $2")

    static let projects = Statement("SELECT name, is_public, created_at, addresses FROM project ORDER BY name")
    static let setProject = Statement(
        """
        INSERT INTO project (name, is_public, created_at, addresses) VALUES ($1, $2, $3, $4)
            ON CONFLICT (name) DO UPDATE SET is_public = excluded.is_public, addresses = excluded.addresses
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
}
