/// Quotas, what is used of them, and the room that is left.
extension Statements {
    static let quotasGroup = [
        quotasAlong, quotasAlongBlob, quotasOfRepository, quotaOfScope, quotas, insertQuota, setQuotaLimits,
        removeQuota,
        setQuotaWarned, insertQuotaEvent, insertQuotaShare, takeShare, takeShareUnasked, growShare, lowerShare,
        shareAndPool, growPool,
        setPool, quotaShares, quotaUsed, emptyShares, linkRow, quotaLink, quotaLinkElsewhere, ownQuotaLink,
        insertQuotaLink, deleteQuotaLink,
    ]

    /// The quotas of the scopes that a repository is in, with up to where its content is counted in each.
    static let quotasAlong = Statement(
        """
        SELECT q.id, q.scope, q.state, q.bytes_max, q.tags_max, q.repositories_max, m.position,
               q.counts_trash
          FROM quota q
          LEFT JOIN quota_member m
            ON m.repository = (SELECT id FROM repository WHERE name = $1) AND m.quota = q.id
         WHERE q.scope IN ($2, $3, $4, $5, $6, $7, $8, $9)
        """
    )

    /// The same, with whether a blob counts there already (1), and the link of the repository does (2), as a sum.
    ///
    /// Of a blob that is nowhere neither is asked: what is read is in the way of those who write beside it, where
    /// writes are serialisable.
    static let quotasAlongBlob = Statement(
        """
        SELECT q.id, q.scope, q.state, q.bytes_max, q.tags_max, q.repositories_max, m.position,
               q.counts_trash,
               CASE WHEN (SELECT 1 FROM blob WHERE digest = $10) IS NULL THEN 0 ELSE
                   COALESCE((SELECT 1 FROM quota_link l WHERE l.quota = q.id AND l.digest = $10 LIMIT 1), 0)
                   + CASE WHEN q.counts_trash = 1 THEN COALESCE((
                       SELECT 2 FROM repository_blob b WHERE b.repository = m.repository AND b.digest = $10
                   ), 0) ELSE COALESCE((
                       SELECT 2 FROM quota_link o
                        WHERE o.quota = q.id AND o.digest = $10 AND o.repository = m.repository
                   ), 0) END
               END
          FROM quota q
          LEFT JOIN quota_member m
            ON m.repository = (SELECT id FROM repository WHERE name = $1) AND m.quota = q.id
         WHERE q.scope IN ($2, $3, $4, $5, $6, $7, $8, $9)
        """
    )

    static let quotasOfRepository = Statement(
        """
        SELECT q.id, q.scope, q.state, q.bytes_max, q.tags_max, q.repositories_max, m.position,
               q.counts_trash
          FROM quota_member m
          JOIN quota q ON q.id = m.quota
         WHERE m.repository = $1
        """
    )

    static let quotaOfScope = Statement(
        """
        SELECT id, scope, state, bytes_max, tags_max, repositories_max, position, counts_trash, warn_percent, warned_at
          FROM quota
         WHERE scope = $1
        """
    )

    static let quotas = Statement(
        """
        SELECT id, scope, state, bytes_max, tags_max, repositories_max, position, counts_trash, warn_percent, warned_at
          FROM quota
         WHERE scope > $1
         ORDER BY scope
         LIMIT $2
        """
    )

    static let insertQuota = Statement(
        """
        INSERT INTO quota (scope, bytes_max, tags_max, repositories_max, warn_percent, counts_trash, state, position,
                           created_at)
        VALUES ($1, $2, $3, $4, $5, $6, 'counting', '', {now})
        RETURNING id
        """
    )

    static let setQuotaLimits = Statement(
        """
        UPDATE quota SET bytes_max = $2, tags_max = $3, repositories_max = $4, warn_percent = $5 WHERE id = $1
        """
    )

    /// Its scope is free for another one.
    static let removeQuota = Statement(
        "UPDATE quota SET state = 'removed', scope = 'removed:' || CAST(id AS TEXT) WHERE id = $1"
    )

    static let setQuotaWarned = Statement(
        "UPDATE quota SET warned_at = CASE WHEN $2 = 1 THEN {now} ELSE NULL END WHERE id = $1"
    )

    static let insertQuotaEvent = Statement(
        """
        INSERT INTO event (consumer, kind, subject, details, actor, happened_at, written_at, due_at, attempts)
        SELECT c.id, 'quota.warned', CAST($1 AS TEXT), CAST($2 AS TEXT), '', {now}, {now}, {now}, 0
          FROM event_consumer c
        """
    )

    // MARK: Shares

    static let insertQuotaShare = Statement(
        """
        INSERT INTO quota_share (quota, number, used_bytes, used_tags, used_repositories, room_bytes, room_tags,
                                 room_repositories)
        VALUES ($1, $2, 0, 0, 0, 0, 0, 0)
        """
    )

    /// Counts what came and went, where the share of the connection has the room that it takes.
    static let takeShare = Statement(
        """
        UPDATE quota_share
           SET used_bytes = used_bytes + $2, used_tags = used_tags + $3, used_repositories = used_repositories + $4,
               room_bytes = room_bytes - $5, room_tags = room_tags - $6, room_repositories = room_repositories - $7
         WHERE quota = $1 AND number = {share} AND room_bytes >= $5 AND room_tags >= $6 AND room_repositories >= $7
        RETURNING quota
        """
    )

    /// The same without asking: where there is too little room, no number is put in its place, which ends the
    /// transaction.
    static let takeShareUnasked = Statement(
        """
        UPDATE quota_share
           SET used_bytes = used_bytes + $2, used_tags = used_tags + $3, used_repositories = used_repositories + $4,
               room_bytes = CASE WHEN room_bytes >= $5 THEN room_bytes - $5 END,
               room_tags = CASE WHEN room_tags >= $6 THEN room_tags - $6 END,
               room_repositories = CASE WHEN room_repositories >= $7 THEN room_repositories - $7 END
         WHERE quota = $1 AND number = {share}
        """
    )

    /// Counts what came and went, and gives the share of the connection more room.
    static let growShare = Statement(
        """
        UPDATE quota_share
           SET used_bytes = used_bytes + $2, used_tags = used_tags + $3, used_repositories = used_repositories + $4,
               room_bytes = room_bytes + $5, room_tags = room_tags + $6, room_repositories = room_repositories + $7
         WHERE quota = $1 AND number = {share}
        """
    )

    /// Counts what came and went, whatever room there is.
    static let lowerShare = Statement(
        """
        UPDATE quota_share
           SET used_bytes = used_bytes + $2, used_tags = used_tags + $3, used_repositories = used_repositories + $4
         WHERE quota = $1 AND number = {share}
        """
    )

    static let shareAndPool = Statement(
        """
        SELECT number, room_bytes, room_tags, room_repositories
          FROM quota_share
         WHERE quota = $1 AND number IN (-1, {share})
        """
    )

    static let growPool = Statement(
        """
        UPDATE quota_share
           SET room_bytes = room_bytes + $2, room_tags = room_tags + $3, room_repositories = room_repositories + $4
         WHERE quota = $1 AND number = -1
        """
    )

    static let setPool = Statement(
        """
        UPDATE quota_share
           SET room_bytes = $2, room_tags = $3, room_repositories = $4
         WHERE quota = $1 AND number = -1
        """
    )

    static let quotaShares = Statement(
        """
        SELECT number, used_bytes, used_tags, used_repositories FROM quota_share WHERE quota = $1
        """
    )

    static let quotaUsed = Statement(
        """
        SELECT CAST(COALESCE(SUM(used_bytes), 0) AS BIGINT), CAST(COALESCE(SUM(used_tags), 0) AS BIGINT),
               CAST(COALESCE(SUM(used_repositories), 0) AS BIGINT)
          FROM quota_share
         WHERE quota = $1
        """
    )

    static let emptyShares = Statement(
        """
        UPDATE quota_share
           SET room_bytes = 0, room_tags = 0, room_repositories = 0
         WHERE quota = $1 AND number >= 0 AND (room_bytes <> 0 OR room_tags <> 0 OR room_repositories <> 0)
        """
    )

    // MARK: What counts

    static let linkRow = Statement("SELECT 1 FROM repository_blob WHERE repository = $1 AND digest = $2")

    static let quotaLink = Statement("SELECT 1 FROM quota_link WHERE quota = $1 AND digest = $2 LIMIT 1")

    static let quotaLinkElsewhere = Statement(
        "SELECT 1 FROM quota_link WHERE quota = $1 AND digest = $2 AND NOT repository = $3 LIMIT 1"
    )

    /// Whether the link of a repository counts.
    static let ownQuotaLink = Statement(
        "SELECT 1 FROM quota_link WHERE quota = $1 AND digest = $2 AND repository = $3"
    )

    static let insertQuotaLink = Statement(
        """
        INSERT INTO quota_link (quota, digest, repository) VALUES ($1, $2, $3)
            ON CONFLICT (quota, digest, repository) DO NOTHING
        """
    )

    static let deleteQuotaLink = Statement(
        "DELETE FROM quota_link WHERE quota = $1 AND digest = $2 AND repository = $3"
    )
}
