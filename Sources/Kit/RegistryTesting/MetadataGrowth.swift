/// The facts of a registry that has grown for years, as SQL that makes them in PostgreSQL itself.
///
/// Half of the tags are in one repository, a fifth in ten, the others in very many. Each tag has a manifest of its own,
/// each manifest ten blobs of its own and one that all share. The statements are for one session of `psql`, in order,
/// over a schema that is there and empty.
public struct MetadataGrowth: Sendable {
    /// How many tags there are; manifests as well, and ten times as many blobs.
    public let tagCount: Int

    /// A registry of so many tags: at least 1000, a multiple of 1000.
    public init(tagCount: Int) {
        precondition(tagCount >= 1000 && tagCount % 1000 == 0, "the parts of what is made are whole numbers")
        self.tagCount = tagCount
    }

    /// How many blobs there are.
    public var blobCount: Int { tagCount * 10 }
    /// How many repositories there are.
    public var repositoryCount: Int { max(tagCount / 100, 20) }
    /// The repository that has half of all.
    public static let largestRepository = 1
    /// Its name.
    public static let largestName = "team1/app1"

    /// What makes everything, and lets the planner know of it.
    public var statements: [String] {
        ["SET session_replication_role = replica", "SET synchronous_commit = off"]
            + functions + repositories + blobs + manifests + tags + uploads + access + audit + jobs + events
            + collection + tagGuards + care + trash + quotas
            + ["VACUUM (ANALYZE)"]
    }

    /// How digests, and the repository of a tag's number, follow from a number; a manifest's is negative.
    ///
    /// A test can ask for the digests as well.
    public var functions: [String] {
        [
            """
            CREATE FUNCTION pg_temp.digest(number BIGINT) RETURNS TEXT LANGUAGE SQL IMMUTABLE
            RETURN 'sha256:' || encode(sha256(int8send(number)), 'hex')
            """,
            """
            CREATE FUNCTION pg_temp.home(number BIGINT) RETURNS BIGINT LANGUAGE SQL IMMUTABLE
            RETURN CASE WHEN number % 10 < 5 THEN \(Self.largestRepository)
                        WHEN number % 10 < 7 THEN 2 + (number / 10) % 10
                        ELSE 12 + (number / 10) % \(repositoryCount - 11) END
            """,
        ]
    }

    private var repositories: [String] {
        [
            """
            INSERT INTO repository (name, project, created_at)
            SELECT 'team' || i % 50 || '/app' || i, 'team' || i % 50, i
              FROM generate_series(1, \(repositoryCount)) i
            """
        ]
    }

    /// The blobs of manifest n are 10n-9 to 10n; blob 0 is the layer that all stand on.
    private var blobs: [String] {
        [
            """
            INSERT INTO blob (digest, byte_count, storage_key, stored_at)
            SELECT pg_temp.digest(i), 1000 + i % 1000000, substr(pg_temp.digest(i), 20, 32), i
              FROM generate_series(0, \(blobCount)) i
            """,
            """
            INSERT INTO repository_blob (repository, digest, linked_at)
            SELECT pg_temp.home((i + 9) / 10), pg_temp.digest(i), i FROM generate_series(1, \(blobCount)) i
             UNION ALL
            SELECT i, pg_temp.digest(0), 0 FROM generate_series(1, \(repositoryCount)) i
            """,
            "UPDATE usage_total SET blob_count = \(blobCount + 1), byte_count = 500000 * CAST(\(blobCount) AS BIGINT)",
            "INSERT INTO usage_change (blob_count, byte_count) SELECT 1, 1 FROM generate_series(1, 100)",
        ]
    }

    /// Of the manifests in the largest repository some are indexes of the two before them, and some refer to the first.
    private var manifests: [String] {
        [
            """
            INSERT INTO manifest_content (digest, byte_count, bytes)
            SELECT pg_temp.digest(-i), 1600, convert_to('{"layers":"' || repeat(pg_temp.digest(i), 22) || '"}', 'UTF8')
              FROM generate_series(1, \(tagCount)) i
            """,
            """
            INSERT INTO manifest (repository, digest, media_type, artifact_type, subject, pushed_at, pushed_by)
            SELECT pg_temp.home(i), pg_temp.digest(-i), 'application/vnd.oci.image.manifest.v1+json',
                   CASE WHEN i % 100 = 4 THEN 'application/spdx+json' END,
                   CASE WHEN i % 100 = 4 THEN pg_temp.digest(-1) END, i, 'user:somebody'
              FROM generate_series(1, \(tagCount)) i
            """,
            """
            INSERT INTO edge (repository, manifest, child, kind)
            SELECT pg_temp.home(i), pg_temp.digest(-i), pg_temp.digest(10 * i - n),
                   CASE WHEN n = 0 THEN 'config' ELSE 'layer' END
              FROM generate_series(1, \(tagCount)) i, generate_series(0, 9) n
             UNION ALL
            SELECT pg_temp.home(i), pg_temp.digest(-i), pg_temp.digest(0), 'layer'
              FROM generate_series(1, \(tagCount)) i
             UNION ALL
            SELECT 1, pg_temp.digest(-i), pg_temp.digest(n - i), 'manifest'
              FROM generate_series(3, \(tagCount), 10) i, generate_series(1, 2) n
             UNION ALL
            SELECT 1, pg_temp.digest(-i), pg_temp.digest(-1), 'subject' FROM generate_series(4, \(tagCount), 100) i
            """,
        ]
    }

    /// One tag was moved very often.
    private var tags: [String] {
        [
            """
            INSERT INTO tag (repository, name, digest, version, moved_at, moved_by)
            SELECT pg_temp.home(i), 'v' || lpad(CAST(i AS TEXT), 8, '0'), pg_temp.digest(-i), 1, i, 'user:somebody'
              FROM generate_series(1, \(tagCount)) i
            """,
            """
            INSERT INTO tag_event (repository, name, version, new_digest, moved_at, moved_by)
            SELECT repository, name, version, digest, moved_at, moved_by FROM tag
            """,
            """
            INSERT INTO tag_event (repository, name, version, old_digest, new_digest, moved_at, moved_by)
            SELECT 1, 'v00000001', i, pg_temp.digest(-1), pg_temp.digest(-1), i, 'user:somebody'
              FROM generate_series(2, \(tagCount / 100)) i
            """,
            "UPDATE tag SET version = \(tagCount / 100) WHERE repository = 1 AND name = 'v00000001'",
        ]
    }

    private var uploads: [String] {
        [
            """
            INSERT INTO upload
                   (id, repository, storage_key, byte_count, hash_state, algorithm, started_at, touched_at, started_by)
            SELECT substr(pg_temp.digest(i), 8, 32), 'team' || i % 50 || '/app' || i, substr(pg_temp.digest(i), 20, 32),
                   i, decode(repeat('ab', 120), 'hex'), 'sha256', i, i, 'user:somebody'
              FROM generate_series(1, \(tagCount / 100)) i
            """
        ]
    }

    /// One of a hundred links is to be looked at, and as many blobs and keys are on their way out.
    private var collection: [String] {
        [
            "UPDATE repository_blob SET idle_since = linked_at WHERE linked_at % 100 = 1",
            """
            INSERT INTO former_link (repository, digest, removed_at)
            SELECT 1 + i % \(repositoryCount), pg_temp.digest(i), i FROM generate_series(1, \(blobCount), 100) i
            """,
            """
            INSERT INTO doomed_blob (digest, unlinked_at)
            SELECT pg_temp.digest(i), i FROM generate_series(50, \(blobCount), 100) i
            """,
            """
            INSERT INTO doomed_key (storage_key, digest, byte_count, doomed_at)
            SELECT substr(pg_temp.digest(-i), 20, 32), pg_temp.digest(i), 1000, i
              FROM generate_series(1, \(blobCount), 100) i
            """,
        ]
    }

    /// Some projects have rules, one has many; one of a hundred tags is locked, and some glass is broken.
    private var tagGuards: [String] {
        [
            """
            INSERT INTO tag_rule (project, name, kind, terms, created_at)
            SELECT CASE WHEN i % 10 = 0 THEN 'team1' ELSE 'group' || i END, 'rule' || i, 'immutable', '{}', i
              FROM generate_series(1, \(tagCount / 100)) i
            """,
            """
            INSERT INTO tag_guard (repository, name, kind, reason, set_at, set_by, ends_at)
            SELECT pg_temp.home(i), 'v' || lpad(CAST(i AS TEXT), 8, '0'),
                   CASE WHEN i % 200 = 1 THEN 'lock' ELSE 'glass' END, 'why', i, 'user:somebody',
                   CASE WHEN i % 200 = 1 THEN NULL ELSE i END
              FROM generate_series(1, \(tagCount), 100) i
            """,
        ]
    }

    /// A tenth as many deletions as tags, most of them of manifests, of which one of a hundred is due; and thirty
    /// repositories that had one name, beside one that has nothing.
    private var trash: [String] {
        [
            """
            INSERT INTO repository (name, project, created_at)
            SELECT '!' || i, '!', i FROM generate_series(1, 31) i
            """,
            """
            INSERT INTO trash (kind, repository, tag, digest, byte_count, deleted_at, deleted_by, purge_at)
            SELECT CASE WHEN i % 10 = 0 THEN 'tag' ELSE 'manifest' END, pg_temp.home(i),
                   CASE WHEN i % 10 = 0 THEN 'gone' || i END, pg_temp.digest(-i), 1600, i, 'user:somebody',
                   CASE WHEN i % 100 = 1 THEN i ELSE 4000000000000000 + i END
              FROM generate_series(1, \(tagCount / 10)) i
            """,
            """
            INSERT INTO trash (kind, repository, name, deleted_at, deleted_by, purge_at)
            SELECT 'repository', \(repositoryCount) + i, 'team0/gone', i, 'user:somebody', 4000000000000000 + i
              FROM generate_series(1, 30) i
            """,
            """
            INSERT INTO trash_manifest (entry, repository, digest, media_type, pushed_at, pushed_by)
            SELECT id, repository, digest, 'application/vnd.oci.image.manifest.v1+json', id, 'user:somebody'
              FROM trash WHERE kind = 'manifest'
            """,
            """
            INSERT INTO trash_edge (entry, repository, manifest, child, kind, tag)
            SELECT t.id, t.repository, t.digest,
                   CASE WHEN n = 0 THEN pg_temp.digest(0) ELSE pg_temp.digest(10 * t.id - n) END, 'layer', ''
              FROM trash t, generate_series(0, 9) n WHERE t.kind = 'manifest'
            """,
            "INSERT INTO trash_tag (entry, name) SELECT id, 'gone' FROM trash WHERE kind = 'manifest'",
        ] + trashProjects
    }

    /// Projects that were deleted, the first of which has many repositories; each had roles and a rule.
    private var trashProjects: [String] {
        [
            """
            INSERT INTO repository (name, project, created_at)
            SELECT '!p' || i, '!', i FROM generate_series(1, 300) i
            """,
            """
            INSERT INTO trash (kind, repository, name, deleted_at, deleted_by, purge_at)
            SELECT 'repository', id, 'project' || created_at, id, 'user:somebody', 4000000000000000 + id
              FROM repository WHERE name LIKE '!p%' ORDER BY id
            """,
            """
            INSERT INTO trash_project (entry, is_public, addresses, created_at)
            SELECT id, 0, '', id FROM trash WHERE name LIKE 'project%'
            """,
            """
            INSERT INTO trash_grant (entry, subject, role)
            SELECT entry, 'user:user' || (entry + n) % 1000, 'role' || entry % 100
              FROM trash_project, generate_series(0, 9) n
            """,
            """
            INSERT INTO trash_rule (entry, name, kind, terms, created_at)
            SELECT entry, 'rule', 'immutable', '{}', entry FROM trash_project
            """,
            "UPDATE trash SET project_entry = (SELECT MIN(entry) FROM trash_project) WHERE name = 'team0/gone'",
        ]
    }

    /// A quota for each team, of which that of the largest has many links; all repositories are counted in one more.
    private var quotas: [String] {
        [
            """
            INSERT INTO quota (scope, bytes_max, warn_percent, state, position, created_at)
            SELECT 'project:team' || i, 1000000000000000, 80, 'counted', '', i FROM generate_series(1, 50) i
             UNION ALL
            SELECT '', NULL, 80, 'counting', '', 0
             UNION ALL
            SELECT 'removed:' || 51 + i, NULL, 80, 'removed', '', 0 FROM generate_series(1, 3) i
            """,
            """
            INSERT INTO quota_share (quota, number, used_bytes, used_tags, used_repositories, room_bytes, room_tags,
                                     room_repositories)
            SELECT q, n, 0, 0, 0, 1000000, 0, 0 FROM generate_series(1, 54) q, generate_series(-1, 31) n
            """,
            """
            INSERT INTO quota_member (repository, quota, position)
            SELECT id, q, '~' FROM repository, generate_series(51, 52) q
             UNION ALL
            SELECT id, 1, '~' FROM repository WHERE project = 'team1'
            """,
            """
            INSERT INTO quota_link (quota, digest, repository)
            SELECT q, pg_temp.digest(i), 1 FROM generate_series(1, \(blobCount / 2)) i, generate_series(1, 52, 51) q
             UNION ALL
            SELECT 1, pg_temp.digest(0), id FROM repository WHERE project = 'team1'
            """,
        ]
    }

    /// A tenth of the accounts that have credentials is one robot, which has most of them.
    private var access: [String] {
        let (accountCount, credentialCount) = (tagCount / 1000, tagCount / 10)
        return [
            """
            INSERT INTO account (name, kind, epoch, created_at)
            SELECT 'user' || i, 'user', 0, i FROM generate_series(0, \(accountCount)) i
            """,
            """
            INSERT INTO group_member (group_name, account)
            SELECT 'group' || i % 10, 'user' || i FROM generate_series(0, \(accountCount)) i
            """,
            """
            INSERT INTO role_grant (subject, role, project)
            SELECT 'user:user' || i, 'developer', 'team' || i % 50 FROM generate_series(0, \(accountCount)) i
            """,
            """
            INSERT INTO credential (secret_hash, id, account, kind, label, created_at, expires_at)
            SELECT encode(sha256(int8send(i)), 'hex'), substr(pg_temp.digest(-i), 8, 32),
                   'user' || CASE WHEN i % 2 = 0 THEN 0 ELSE i % \(accountCount) END,
                   CASE WHEN i % 10 = 0 THEN 'personal' WHEN i % 2 = 0 THEN 'robot' ELSE 'refresh' END, '', i, i
              FROM generate_series(1, \(credentialCount)) i
            """,
            """
            INSERT INTO kept_answer (key_hash, request_hash, answer, created_at)
            SELECT pg_temp.digest(i), pg_temp.digest(-i), decode(repeat('ab', 200), 'hex'), i
              FROM generate_series(1, \(tagCount / 100)) i
            """,
            """
            INSERT INTO login_failure (subject, failures, waits_until, held_until)
            SELECT pg_temp.digest(i), i % 10, 4000000000000000 + i, 4000000000000000 + i
              FROM generate_series(1, \(tagCount / 10)) i
            """,
        ]
    }

    /// One of a hundred blobs is damaged, as is one of a hundred manifests.
    private var care: [String] {
        [
            """
            UPDATE blob SET state = 'quarantined'
             WHERE digest IN (SELECT pg_temp.digest(i) FROM generate_series(77, \(blobCount), 100) i)
            """,
            """
            INSERT INTO damage (digest, kind, problem, found_at, looked_at)
            SELECT pg_temp.digest(i), 'blob', 'its bytes are missing', i, i
              FROM generate_series(77, \(blobCount), 100) i
             UNION ALL
            SELECT pg_temp.digest(-i), 'manifest', 'its bytes have another digest', i, i
              FROM generate_series(77, \(tagCount), 100) i
            """,
        ]
    }

    /// A tenth as many events as tags, for two consumers; a tenth of them is about one tag, and some were given up.
    private var events: [String] {
        [
            """
            INSERT INTO event_consumer (name, registered_at, lost)
            SELECT 'consumer' || i, i, 0 FROM generate_series(1, 2) i
            """,
            """
            INSERT INTO event
                   (consumer, kind, repository, subject, tag, version, new_digest, details, actor, happened_at,
                    written_at, due_at, attempts, dead_at, reason)
            SELECT 1 + i % 2, 'tag.moved', 'team1/app1',
                   'team1/app1:v' || lpad(CAST(CASE WHEN i % 10 = 0 THEN 1 ELSE i END AS TEXT), 8, '0'), 'v', 1,
                   pg_temp.digest(-i), '', 'user:somebody', i, i, i, 0,
                   CASE WHEN i % 20 = 2 THEN i END, CASE WHEN i % 20 = 2 THEN 'no answer' END
              FROM generate_series(1, \(tagCount / 10)) i
            """,
        ]
    }

    /// As many entries as tags, sealed by the hundred, but for the last 500.
    private var audit: [String] {
        let sealedCount = tagCount - 500
        return [
            """
            INSERT INTO audit_entry
                   (at, principal, address, request_id, action, target, outcome, reason, details, times, seal, place)
            SELECT i, 'user:user' || i % \(tagCount / 1000), '192.0.2.1', substr(pg_temp.digest(i), 8, 16), 'tag.move',
                   'team' || i % 50 || '/app' || i % \(repositoryCount), 'allowed', '', '', 1,
                   CASE WHEN i <= \(sealedCount) THEN (i + 99) / 100 END,
                   CASE WHEN i <= \(sealedCount) THEN (i + 99) % 100 END
              FROM generate_series(1, \(tagCount)) i
            """,
            """
            INSERT INTO audit_seal (number, sealed_at, entry_count, leaves, previous, hash)
            SELECT i, i, 100, decode(repeat('ab', 3200), 'hex'), pg_temp.digest(i - 1), pg_temp.digest(i)
              FROM generate_series(1, \(sealedCount / 100)) i
            """,
            """
            INSERT INTO audit_mark (kind, number, hash, signed_at, key_id, signature)
            SELECT 'head', i, pg_temp.digest(i), i, 'key', decode(repeat('ab', 64), 'hex')
              FROM generate_series(1, \(sealedCount / 100)) i
            """,
        ]
    }

    /// A tenth of them waits, one of a hundred runs; the first has a log that is full.
    private var jobs: [String] {
        [
            """
            INSERT INTO job (kind, arguments, priority, state, key_name, attempts, attempt_max, due_at, created_at,
                             created_by, started_at, ended_at, runner, lease_until, fence, done)
            SELECT 'kind' || i % 20, '{}', i % 3,
                   CASE WHEN i % 10 = 0 THEN 'queued' WHEN i % 100 = 1 THEN 'running'
                        WHEN i % 10 = 2 THEN 'failed' ELSE 'succeeded' END,
                   'key' || i, 1, 3, i, i, 'user:somebody', CASE WHEN i % 10 > 0 THEN i END,
                   CASE WHEN i % 10 > 0 AND i % 100 <> 1 THEN i END, CASE WHEN i % 100 = 1 THEN 'runner' END,
                   CASE WHEN i % 100 = 1 THEN 4000000000000000 END, 1, 0
              FROM generate_series(1, \(tagCount / 10)) i
            """,
            """
            INSERT INTO job_log (job, number, at, level, text)
            SELECT i, n, i, 'info', 'a line that says something'
              FROM generate_series(1, \(tagCount / 10)) i, generate_series(1, 1000) n WHERE n <= 3 OR i = 1
            """,
        ]
    }
}
