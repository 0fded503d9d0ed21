import BlobStorage
import Foundation
import Logging
import OCI
import RegistryContract
import RegistryTesting
import Testing
import Upkeep

@testable import Auditing
@testable import Metadata

/// An installation that has something of everything, so that nothing can be left behind unseen.
enum FullHouse {
    static let images = (1...4).map { SampleImage(seed: UInt64(900 + $0), layerSize: $0 == 4 ? 2_500_000 : 900 * $0) }

    /// What no push makes.
    private static let rows: [(StaticString, [SQLValue])] = [
        (
            "INSERT INTO account (name, kind, password, epoch, created_at) VALUES ('zoë', 'user', '$s$hash', 3, $1)",
            [.integer(.max)]
        ),
        ("INSERT INTO group_member (group_name, account) VALUES ('dev', 'zoë')", []),
        ("INSERT INTO account_group (name, created_at) VALUES ('dev', 5)", []),
        ("INSERT INTO account_link (source, subject, account) VALUES ('oidc', 'x', 'zoë')", []),
        ("INSERT INTO project (name, is_public, created_at) VALUES ('team', 1, 7)", []),
        ("INSERT INTO role (name, policies) VALUES ('builder', $1)", [.text("allow ** push\n\"é\"\u{1F600}")]),
        ("INSERT INTO role_grant (subject, role) VALUES ('user:zoë', 'builder')", []),
        (
            """
            INSERT INTO credential (secret_hash, id, account, kind, label, created_at, last_used_at)
            VALUES ('h', 'c1', 'zoë', 'personal', 'laptop', 1, 99)
            """, []
        ),
        ("INSERT INTO ended_credential (id, until) VALUES ('c0', 12)", []),
        (
            "INSERT INTO signing_key (id, private_key, created_at) VALUES ('k', $1, 1)",
            [.blob((0...255).map { UInt8($0) })]
        ),
        (
            "INSERT INTO kept_answer (key_hash, request_hash, answer, created_at) VALUES ('a', 'b', $1, 4)",
            [.blob([])]
        ),
        (
            "INSERT INTO login_failure (subject, failures, waits_until, held_until) VALUES ('s', 6, 8, $1)",
            [.integer(.max)]
        ),
        (
            """
            INSERT INTO job (kind, arguments, priority, state, key_name, attempts, attempt_max, due_at, created_at,
                             created_by, fence, checkpoint, done, total, unit)
            VALUES ('uploads.sweep', $2, 1, 'paused', 'k', 1, 3, $1, 2, 'user:zoë', 4, '[7]', 5, 6, 'uploads')
            """, [.integer(.max), .text(#"{"é":1}"#)]
        ),
        ("INSERT INTO job_log (job, number, at, level, text) SELECT id, 7, 8, 'warning', 'ü' FROM job", []),
        (
            """
            INSERT INTO job_schedule (name, kind, arguments, cron, zone, is_paused, next_at, last_job)
            VALUES ('s', 'uploads.sweep', $1, '0 0 * * *', 'Europe/Berlin', 1, 9, 1)
            """, [.text("{}")]
        ),
        ("UPDATE access_change SET version = 17", []),
        ("INSERT INTO event_consumer (name, registered_at, lost) VALUES ('mirror', 3, 5)", []),
        (
            """
            INSERT INTO event (consumer, kind, repository, subject, tag, version, new_digest, details, actor,
                               happened_at, written_at, due_at, attempts, dead_at, reason)
            VALUES (1, 'tag.moved', 'team/app', 'team/app:é', 'x', 3, 'sha256:00', $2, 'user:zoë', 1, 2, $1, 4, 5, '')
            """, [.integer(.max), .text("{}")]
        ),
        ("INSERT INTO former_link (repository, digest, removed_at) VALUES (1, 'sha256:f', $1)", [.integer(.max)]),
        ("INSERT INTO doomed_blob (digest, unlinked_at) VALUES ('sha256:d', 9)", []),
        (
            """
            INSERT INTO tag_rule (project, name, kind, terms, created_at)
            VALUES ('team', 'releases', 'immutable', $1, 11)
            """, [.text(#"{"tags":{"include":["never"]}}"#)]
        ),
        (
            """
            INSERT INTO tag_guard (repository, name, kind, reason, set_at, set_by, ends_at)
            VALUES (1, 'latest', 'glass', 'ü', 12, 'user:zoë', $1)
            """, [.integer(.max)]
        ),
        (
            """
            INSERT INTO trash (kind, repository, tag, digest, byte_count, deleted_at, deleted_by, purge_at)
            VALUES ('manifest', 1, 'é', 'sha256:t', 7, 1, 'user:zoë', $1)
            """, [.integer(.max)]
        ),
        (
            """
            INSERT INTO trash_manifest (entry, repository, digest, media_type, pushed_at, pushed_by)
            SELECT 1, 1, MIN(digest), 'a/b', 3, 'user:zoë' FROM manifest_content
            """, []
        ),
        (
            """
            INSERT INTO trash_edge (entry, repository, manifest, child, kind, tag)
            VALUES (1, 1, 'sha256:t', 'sha256:c', 'layer', '')
            """, []
        ),
        ("INSERT INTO trash_tag (entry, name) VALUES (1, 'v1')", []),
        ("UPDATE trash SET project_entry = 9", []),
        (
            "INSERT INTO trash_project (entry, is_public, addresses, created_at) VALUES (9, 1, '192.0.2.0/24', $1)",
            [.integer(.max)]
        ),
        ("INSERT INTO trash_grant (entry, subject, role) VALUES (9, 'user:zoë', 'builder')", []),
        (
            """
            INSERT INTO trash_rule (entry, name, kind, terms, created_at)
            VALUES (9, 'releases', 'immutable', $1, 13)
            """, [.text(#"{"é":1}"#)]
        ),
        (
            """
            INSERT INTO quota (scope, bytes_max, tags_max, warn_percent, counts_trash, state, position, warned_at,
                               created_at)
            VALUES ('project:other', $1, 7, 80, 0, 'counted', '', 3, 4)
            """, [.integer(1 << 60)]
        ),
        (
            """
            INSERT INTO quota_share (quota, number, used_bytes, used_tags, used_repositories, room_bytes, room_tags,
                                     room_repositories)
            VALUES (1, -1, 0, 0, 0, $1, 7, 0)
            """, [.integer(-5)]
        ),
        ("INSERT INTO quota_member (repository, quota, position) VALUES (1, 9, 'bsha256:0')", []),
        ("INSERT INTO quota_link (quota, digest, repository) VALUES (9, 'sha256:0', 1)", []),
        ("INSERT INTO doomed_key (storage_key, digest, byte_count, doomed_at) VALUES ('k', 'sha256:k', 3, 10)", []),
        (
            "INSERT INTO damage (digest, kind, problem, found_at, looked_at) VALUES ('sha256:d', 'blob', 'é', 11, $1)",
            [.integer(.max)]
        ),
        ("INSERT INTO read_only (scope, reason, set_at, set_by) VALUES ('team', 'é', 12, 'user:zoë')", []),
    ]

    /// Fills empty stores.
    static func fill(_ stores: TestStores) async throws {
        try await StorePairing(facts: stores.facts, blobs: stores.blobs).establish()
        let (registry, app, other) = (
            stores.registry(), try RepositoryName("team/app"), try RepositoryName("team/other")
        )
        for (number, image) in images.enumerated() {
            try await registry.push(image, to: app, tags: "\(number)", "latest")
        }
        try await registry.push(SampleImage(seed: 950, algorithm: .sha512), to: other, tags: "x")
        _ = try await registry.push(SampleBlob(""), to: other)
        _ = try await registry.push(SampleBlob.emptyJSON, to: app)
        let referrer = SampleManifest.referrer(to: images[0].manifest.descriptor(), artifactType: "application/x")
        _ = try await registry.push(referrer, to: app)
        try await registry.deleteTag(Tag("1"), in: app)
        let upload = try await registry.startUpload(in: app, algorithm: .sha256).id
        _ = try await registry.append(SampleBlob(count: 3000, seed: 7).body(0..<3000), to: upload, at: 0, in: app)
        try await stores.engine.write { connection in
            for (text, arguments) in rows { try connection.run(Metadata.Statement(text), arguments) }
        }
        let sealer = AuditSealer(
            stores.facts,
            owner: "sealer",
            keep: .seconds(1_000_000_000),
            now: { [clock = stores.clock] in clock.now() },
            log: Logger(label: "test")
        )
        for number in 0..<3 {
            try await stores.facts.write { facts in
                for _ in 0..<3 { try facts.append(audited(number)) }
            }
            _ = try await sealer.seal()
            _ = try await sealer.sign()
        }
        try await stores.facts.write { try $0.append(audited(4)) }
        // A cut has no other table than a head; and numbers were given to rows that are gone.
        try await stores.engine.write { connection in
            _ = try connection.run(Metadata.Statement("DELETE FROM audit_entry WHERE seal IS NULL"), [])
        }
    }

    private static func audited(_ number: Int) -> AuditFact {
        AuditFact(
            at: Timestamp(microseconds: 1_700_000_000_000_000),
            principal: "user:zoë",
            address: "192.0.2.7",
            requestID: "r\(number)",
            action: "user.create",
            target: "user:\(number)",
            outcome: .allowed,
            reason: "a role",
            details: "{}"
        )
    }

    /// Every row of every table that is moved, and the numbers that come next.
    static func content(_ facts: FactStore) async throws -> [String: [[SQLValue]]] {
        var content: [String: [[SQLValue]]] = [:]
        for table in FactTable.all where table.name != "upload" {
            content[table.name] = try await facts.read { facts in
                let rows = try facts.rows(of: table, limit: 100_000)
                    .filter { row in table.name != "installation" || !Facts.ownNames.contains { row[0] == .text($0) } }
                return try rows + (table.isNumbered ? [[.integer(facts.lastNumber(of: table))]] : [])
            }
        }
        return content
    }

    /// Throws unless all that is in one is in the other, and the other can be served.
    static func demandMoved(_ old: TestStores, _ new: TestStores) async throws {
        let (before, after) = (try await content(old.facts), try await content(new.facts))
        for (table, rows) in before { #expect(rows == after[table], "\(table)") }
        #expect(before.count == after.count)
        try await StorePairing(facts: new.facts, blobs: new.blobs).establish()
        let findings = Findings()
        let report = try await StorageVerification(facts: new.facts, blobs: new.blobs) { finding in
            findings.add(finding.sentence)
        }.run()
        #expect(findings.all == [])
        #expect(report.blobCount >= 10)
        let audit = try await AuditVerification(new.facts) { findings.add($0.description) }.run()
        #expect(findings.all == [])
        #expect(audit.sealCount == 3)
        for (number, image) in images.enumerated() where number != 1 {
            try await new.registry().demandWhole(image.manifest, as: "\(number)", in: RepositoryName("team/app"))
            for blob in image.blobs { try await new.registry().demandWhole(blob, in: RepositoryName("team/app")) }
        }
    }
}

extension TestStores {
    /// As one side of a migration.
    var side: StorageMigration.Stores { StorageMigration.Stores(facts: facts, blobs: blobs) }
}
