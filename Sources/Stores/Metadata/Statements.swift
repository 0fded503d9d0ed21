/// Every statement that a transaction may run, by the noun that it serves.
///
/// Each is written in what SQLite and PostgreSQL share; a test makes sure that none is missing in ``all`` and that both
/// engines take each of them.
public enum Statements {
    /// All of them, those of the schema's steps apart.
    public static let all = [
        schemaGroup,
        installationGroup,
        repositoriesGroup,
        blobsGroup,
        manifestsGroup,
        tagsGroup,
        tagHistoryGroup,
        referrersGroup,
        uploadsGroup,
        usageGroup,
        collectionGroup,
        tagGuardsGroup,
        careGroup,
        accessGroup,
        auditGroup,
        credentialsGroup,
        loginsGroup,
        jobsGroup,
        jobRunningGroup,
        jobSchedulesGroup,
        eventsGroup,
        trashGroup,
        trashPurgingGroup,
        trashProjectsGroup,
        quotasGroup,
        quotaCountingGroup,
        quotaTrashGroup,
    ].flatMap { $0 }
}
