/// Uploads in progress.
extension Statements {
    static let uploadsGroup = [
        insertUpload, upload, advanceUpload, deleteUpload, dropUpload, abandonedUploads, uploads,
    ]

    static let insertUpload = Statement(
        """
        INSERT INTO upload
               (id, repository, storage_key, byte_count, hash_state, algorithm, parts, started_at, touched_at,
                started_by)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        """
    )

    static let upload = Statement(
        """
        SELECT id, repository, storage_key, byte_count, hash_state, algorithm, parts, started_at, touched_at, started_by
          FROM upload
         WHERE id = $1 AND repository = $2
        """
    )

    static let advanceUpload = Statement(
        """
        UPDATE upload
           SET byte_count = $3, hash_state = $4, touched_at = $5, parts = COALESCE($6, parts)
         WHERE id = $1 AND byte_count = $2
        """
    )

    static let deleteUpload = Statement("DELETE FROM upload WHERE id = $1 RETURNING storage_key")

    static let dropUpload = Statement("DELETE FROM upload WHERE id = $1 AND byte_count = $2 RETURNING storage_key")

    static let abandonedUploads = Statement(
        """
        SELECT id, repository, storage_key, byte_count, hash_state, algorithm, parts, started_at, touched_at, started_by
          FROM upload
         WHERE touched_at < $1
         ORDER BY touched_at, id
         LIMIT $2
        """
    )

    static let uploads = Statement(
        """
        SELECT id, repository, storage_key, byte_count, hash_state, algorithm, parts, started_at, touched_at, started_by
          FROM upload
         WHERE id > $1
         ORDER BY id
         LIMIT $2
        """
    )
}
