import BlobStorageFiles
import BlobStorageS3
import MetadataPostgreSQL
import Observability

extension Wiring {
    /// Declares what is measured of a PostgreSQL and of a bucket, where they are used.
    func measureStores(_ installation: Installation) {
        if let database = installation.engine as? PostgreSQLEngine { measure(database) }
        guard let bucket = installation.bucket else { return }
        measure(bucket)
        if bucket.cacheCounts != nil { measureCache(bucket) }
    }

    private func measure(_ database: PostgreSQLEngine) {
        let counts: [(String, String, any KeyPath<PostgreSQLCounts, Int> & Sendable)] = [
            ("connections_opened", "Connections to PostgreSQL that were opened.", \.connections),
            ("statements", "Statements sent to PostgreSQL.", \.statements),
            ("round_trips", "Times that an answer of PostgreSQL was waited for.", \.roundTrips),
            ("lost_races", "Writes run again since they had lost against another.", \.lostRaces),
            ("lost_connections", "Reads and writes run again since their connection was lost.", \.lostConnections),
            ("lost_commits", "Commits whose answer was lost, and about which the server was asked.", \.lostCommits),
        ]
        for (name, meaning, path) in counts {
            metrics.computed("wharf_postgresql_\(name)_total", meaning, kind: .counter) {
                Double(database.counts[keyPath: path])
            }
        }
    }

    private func measure(_ bucket: Bucket) {
        let counts: [(String, String, any KeyPath<S3Counts, Int> & Sendable)] = [
            ("requests", "Requests sent to the object store, repeated ones among them.", \.requests),
            ("repeats", "Requests sent to the object store again, since the one before had failed.", \.repeats),
            ("slow_downs", "Answers of the object store that ask for fewer requests.", \.slowDowns),
            ("failures", "Requests to the object store that were given up.", \.failures),
        ]
        for (name, meaning, path) in counts {
            metrics.computed("wharf_s3_\(name)_total", meaning, kind: .counter) { Double(bucket.counts[keyPath: path]) }
        }
        metrics.computed("wharf_s3_requests_at_once", "Requests that the object store bears at once, as it seems now.")
        {
            Double(bucket.requestsAtOnce)
        }
    }

    private func measureCache(_ bucket: Bucket) {
        let counts: [(String, String, any KeyPath<CacheCounts, Int> & Sendable)] = [
            ("hits_total", "Blobs opened out of the read cache.", \.hits),
            (
                "misses_total", "Blobs opened that were not in the read cache, or not verified since the start.",
                \.misses
            ),
            ("fills_total", "Downloads into the read cache.", \.fills),
            ("checks_total", "Files of an earlier run, or of the day before, that were hashed.", \.checks),
            ("follows_total", "Reads that went along with a download into the read cache.", \.follows),
            ("bypasses_total", "Reads that went past the read cache: too large, or too many at once.", \.bypasses),
            ("evictions_total", "Blobs that made room for others in the read cache.", \.evictions),
            ("failures_total", "Downloads into the read cache that ended early.", \.failures),
            ("verification_failures_total", "Bytes that did not have their digest.", \.verificationFailures),
            ("served_bytes_total", "Bytes of blobs opened out of the read cache.", \.servedByteCount),
            ("filled_bytes_total", "Bytes written into the read cache.", \.filledByteCount),
            ("bytes", "Room that the read cache takes.", \.byteCount),
            ("blobs", "Blobs in the read cache.", \.blobCount),
            ("active", "Downloads and checks of the read cache that are under way.", \.activeCount),
        ]
        for (name, meaning, path) in counts {
            let kind: MetricKind = name.hasSuffix("_total") ? .counter : .gauge
            metrics.computed("wharf_blob_cache_\(name)", meaning, kind: kind) {
                Double((bucket.cacheCounts ?? CacheCounts())[keyPath: path])
            }
        }
    }
}
