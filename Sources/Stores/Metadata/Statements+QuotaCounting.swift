/// Counting what was there before a quota, and clearing away what is left of one.
extension Statements {
    static let quotaCountingGroup = [
        countingQuota, countingQuotaAt, removedQuota, setQuotaPosition, endQuotaCounting, nextRepository,
        nextTrashedRepository, quotaMember, insertQuotaMember, setQuotaMember, linksToCount, manifestsToCount,
        tagsToCount, projectLinkNeeds, repositoryLinkNeeds, deleteQuotaLinks, deleteQuotaMembers, deleteMembersOf,
        deleteQuotaMember, deleteQuotaShares, deleteQuota,
    ]

    static let countingQuota = Statement("SELECT id FROM quota WHERE state = 'counting' ORDER BY id LIMIT 1")

    static let countingQuotaAt = Statement(
        "SELECT scope, position, counts_trash FROM quota WHERE id = $1 AND state = 'counting'"
    )

    static let removedQuota = Statement("SELECT id FROM quota WHERE state = 'removed' ORDER BY id LIMIT 1")

    static let setQuotaPosition = Statement("UPDATE quota SET position = $2 WHERE id = $1")

    static let endQuotaCounting = Statement("UPDATE quota SET state = 'counted' WHERE id = $1")

    static let nextRepository = Statement(
        "SELECT id, name FROM repository WHERE name > $1 AND name < $2 ORDER BY name LIMIT 1"
    )

    /// The next entry of a repository that is in the trash, by what it was called; or of a project, and that it is one.
    static let nextTrashedRepository = Statement(
        """
        SELECT t.repository, t.name, t.id, (SELECT p.entry FROM trash_project p WHERE p.entry = t.id)
          FROM trash t
         WHERE (t.name, t.id) > ($1, CAST($2 AS BIGINT)) AND t.name < $3
         ORDER BY t.name, t.id
         LIMIT 1
        """
    )

    static let quotaMember = Statement("SELECT position FROM quota_member WHERE repository = $1 AND quota = $2")

    static let insertQuotaMember = Statement(
        "INSERT INTO quota_member (repository, quota, position) VALUES ($1, $2, $3)"
    )

    static let setQuotaMember = Statement(
        "UPDATE quota_member SET position = $3 WHERE repository = $1 AND quota = $2"
    )

    static let linksToCount = Statement(
        """
        SELECT l.digest, b.byte_count
          FROM repository_blob l
          JOIN blob b ON b.digest = l.digest
         WHERE l.repository = $1 AND l.digest > $2
         ORDER BY l.digest
         LIMIT $3
        """
    )

    static let manifestsToCount = Statement(
        """
        SELECT m.digest, c.byte_count
          FROM manifest m
          JOIN manifest_content c ON c.digest = m.digest
         WHERE m.repository = $1 AND m.digest > $2
         ORDER BY m.digest
         LIMIT $3
        """
    )

    static let tagsToCount = Statement(
        "SELECT name FROM tag WHERE repository = $1 AND name > $2 ORDER BY name LIMIT $3"
    )

    /// By link that counts by a row of its own: 2 where an image needs it, 1 where only the trash does, else 0.
    ///
    /// What a repository in the trash holds only that needs.
    static let projectLinkNeeds = Statement(
        """
        SELECT l.digest, b.byte_count,
               CASE WHEN (SELECT 1 FROM trash w WHERE w.repository = l.repository AND w.name IS NOT NULL) = 1 THEN 1
                    WHEN (
                        SELECT 1
                          FROM edge e
                         WHERE e.repository = l.repository AND e.child = l.digest
                           AND e.kind IN ('config', 'layer', 'manifest')
                         LIMIT 1
                    ) = 1 THEN 2
                    WHEN (
                        SELECT 1
                          FROM trash_edge t
                         WHERE t.repository = l.repository AND t.child = l.digest
                           AND t.kind IN ('config', 'layer', 'manifest')
                         LIMIT 1
                    ) = 1 THEN 1
                    ELSE 0 END
          FROM quota_link l
          JOIN blob b ON b.digest = l.digest
         WHERE l.quota = $1
         ORDER BY l.digest, l.repository
         LIMIT $2
        """
    )

    /// The same, of a repository, after a digest.
    static let repositoryLinkNeeds = Statement(
        """
        SELECT l.digest, b.byte_count,
               CASE WHEN (
                        SELECT 1
                          FROM edge e
                         WHERE e.repository = l.repository AND e.child = l.digest
                           AND e.kind IN ('config', 'layer', 'manifest')
                         LIMIT 1
                    ) = 1 THEN 2
                    WHEN (
                        SELECT 1
                          FROM trash_edge t
                         WHERE t.repository = l.repository AND t.child = l.digest
                           AND t.kind IN ('config', 'layer', 'manifest')
                         LIMIT 1
                    ) = 1 THEN 1
                    ELSE 0 END
          FROM repository_blob l
          JOIN blob b ON b.digest = l.digest
         WHERE l.repository = $1 AND l.digest > $2
         ORDER BY l.digest
         LIMIT $3
        """
    )

    static let deleteQuotaLinks = Statement(
        """
        DELETE FROM quota_link
         WHERE (quota, digest, repository) IN (
                   SELECT quota, digest, repository
                     FROM quota_link
                    WHERE quota = $1
                    ORDER BY digest, repository
                    LIMIT $2
               )
        """
    )

    static let deleteQuotaMembers = Statement(
        """
        DELETE FROM quota_member
         WHERE (repository, quota) IN (
                   SELECT repository, quota FROM quota_member WHERE quota = $1 ORDER BY repository LIMIT $2
               )
        """
    )

    static let deleteMembersOf = Statement("DELETE FROM quota_member WHERE repository = $1")

    static let deleteQuotaMember = Statement("DELETE FROM quota_member WHERE repository = $1 AND quota = $2")

    static let deleteQuotaShares = Statement("DELETE FROM quota_share WHERE quota = $1")

    static let deleteQuota = Statement("DELETE FROM quota WHERE id = $1")
}
