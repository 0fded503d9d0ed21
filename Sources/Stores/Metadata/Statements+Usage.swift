/// What is taken, as a sum and the changes since.
extension Statements {
    static let usageGroup = [
        usage, insertUsageChange, insertUsageOfNew, foldUsageChanges, deleteUsageChanges,
    ]

    static let usage = Statement(
        """
        SELECT CAST(t.blob_count + COALESCE(c.blob_count, 0) AS BIGINT),
               CAST(t.byte_count + COALESCE(c.byte_count, 0) AS BIGINT)
          FROM usage_total t,
               (SELECT SUM(blob_count) AS blob_count, SUM(byte_count) AS byte_count FROM usage_change) c
        """
    )

    static let insertUsageChange = Statement(
        """
        INSERT INTO usage_change (blob_count, byte_count) VALUES ($1, $2) RETURNING id
        """
    )

    static let insertUsageOfNew = Statement(
        """
        INSERT INTO usage_change (blob_count, byte_count)
        SELECT 1, CAST($2 AS BIGINT)
         WHERE NOT EXISTS (SELECT 1 FROM blob WHERE digest = $1 AND state = 'stored')
        RETURNING id
        """
    )

    static let foldUsageChanges = Statement(
        """
        UPDATE usage_total
           SET blob_count = blob_count + (SELECT COALESCE(SUM(blob_count), 0) FROM usage_change WHERE id <= $1),
               byte_count = byte_count + (SELECT COALESCE(SUM(byte_count), 0) FROM usage_change WHERE id <= $1)
        """
    )

    static let deleteUsageChanges = Statement("DELETE FROM usage_change WHERE id <= $1")
}
