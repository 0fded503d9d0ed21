import BlobStorage
import Foundation
import OCI
import RegistryContract
import RegistryTesting
import Testing
import Upkeep

@testable import Metadata

/// An installation is moved from any stores to any others, and nothing of it is lost or changed.
@Suite struct StorageMigrationTests {
    /// Opens stores in files with a database for as long as `body` runs.
    static func with(
        _ database: TestDatabase,
        _ body: @Sendable (TestStores) async throws -> Void
    ) async throws {
        try await House(database, .files).open(body)
    }

    @discardableResult
    static func move(
        _ old: TestStores,
        to new: TestStores,
        _ observer: Findings = Findings()
    ) async throws -> StorageMigration.Report {
        try await StorageMigration(from: old.side, to: new.side, observer: observer).run()
    }

    /// The error that stops a migration.
    static func refusal(_ old: TestStores, _ new: TestStores) async throws -> StorageMigrationError {
        let error = await #expect(throws: StorageMigrationError.self) { try await move(old, to: new) }
        return try #require(error)
    }

    @Test func `the house has something in every table, so that none could be left behind unseen`() async throws {
        try await Self.with(.sqlite) { house in
            try await FullHouse.fill(house)
            let content = try await FullHouse.content(house.facts)
            for table in FactTable.all where !["upload", "installation"].contains(table.name) {
                let rows = try #require(content[table.name])
                #expect(rows.count > (table.isNumbered ? 1 : 0), "\(table.name): fill it in FullHouse")
            }
            let next = try #require(content["audit_entry"]?.last)
            #expect(next == [.integer(10)], "numbers were given to rows that are gone")
        }
    }

    @Test(arguments: [
        (House(.sqlite, .files), House(.sqlite, .files)),
        (House(.sqlite, .files), House(.postgresql, .files)),
        (House(.sqlite, .files), House(.postgresql, .radosgw)),
        (House(.sqlite, .rclone), House(.postgresql, .rclone)),
        (House(.postgresql, .files), House(.postgresql, .files)),
        (House(.postgresql, .radosgw), House(.sqlite, .rclone)),
    ])
    func `all of it is there afterwards, and after the way back`(_ first: House, _ second: House) async throws {
        try await first.open { old in
            try await FullHouse.fill(old)
            let before = try await FullHouse.content(old.facts)
            try await second.open { new in
                let report = try await Self.move(old, to: new)
                #expect(!report.isResumed)
                #expect(report.uploadCount == 1)
                #expect(report.blobCount == Int64(before["blob"]?.count ?? 0))
                try await FullHouse.demandMoved(old, new)
                let (name, newName) = (try await old.blobs.identity(), try await new.blobs.identity())
                #expect(name != newName)
                try await first.open { third in
                    try await Self.move(new, to: third)
                    try await FullHouse.demandMoved(old, third)
                    try await third.registry().push(SampleImage(seed: 990), to: RepositoryName("team/new"), tags: "1")
                }
            }
            #expect(try await FullHouse.content(old.facts) == before, "the old one is as it was")
        }
    }

    @Test func `tables of many pages come whole, also when they are broken off between two`() async throws {
        try await Self.with(.sqlite) { old in
            try await FullHouse.fill(old)
            try await old.engine.write { connection in
                let content = Metadata.Statement("INSERT INTO manifest_content VALUES ($1, 1, $2)")
                for number in 0..<250 { _ = try connection.run(content, [.text("sha256:\(number)"), .blob([1])]) }
                let group = Metadata.Statement("INSERT INTO account_group (name, created_at) VALUES ($1, $2)")
                for number in 0..<9001 { _ = try connection.run(group, [.text("g\(number)"), .integer(1)]) }
            }
            let before = try await FullHouse.content(old.facts)
            for database in TestDatabase.allCases {
                try await Self.with(database) { new in
                    let migration = StorageMigration(from: old.side, to: new.side, observer: Findings())
                    await #expect(throws: Halt.self) { _ = try await migration.run { _ in throw Halt() } }
                    let table = try #require(FactTable.named("account_group"))
                    // As if only its first pages had come.
                    try await new.facts.write { facts in
                        let rows = try facts.rows(of: table, limit: 10_000)
                        for row in rows.dropFirst(4000) { try facts.removeRow(row, of: table) }
                    }
                    let report = try await migration.run()
                    #expect(report.isResumed)
                    let after = try await FullHouse.content(new.facts)
                    for (name, rows) in before { #expect(rows == after[name], "\(name) in \(database)") }
                }
            }
        }
    }

    @Test func `a preview counts, and changes nothing`() async throws {
        try await Self.with(.sqlite) { old in
            try await FullHouse.fill(old)
            try await Self.with(.sqlite) { new in
                let before = try await FullHouse.content(new.facts)
                let nowhere = StorageMigration.Place(facts: nil, blobs: nil)
                let place = StorageMigration.Place(facts: new.facts, blobs: new.blobs)
                for place in [nowhere, place] {
                    let report = try await StorageMigration.preview(from: old.side, to: place)
                    #expect(report.blobCount >= 10 && report.byteCount > 2_500_000 && report.uploadCount == 1)
                    #expect(!report.isResumed && report.blobCountBefore == 0)
                }
                #expect(try await FullHouse.content(new.facts) == before)
                #expect(try await new.blobs.identity() == nil)
                // What a migration would refuse is refused here, and its rest is known.
                let migration = StorageMigration(from: old.side, to: new.side, observer: Findings())
                await #expect(throws: Halt.self) { _ = try await migration.run { _ in throw Halt() } }
                let rest = try await StorageMigration.preview(from: old.side, to: place)
                #expect(rest.isResumed && rest.blobCountBefore == rest.blobCount)
                _ = try await migration.run()
                await #expect(throws: StorageMigrationError(.notEmpty, "")) {
                    try await StorageMigration.preview(from: old.side, to: place)
                }
                await #expect(throws: StorageMigrationError(.same, "")) {
                    let same = StorageMigration.Place(facts: old.facts, blobs: nil)
                    return try await StorageMigration.preview(from: old.side, to: same)
                }
            }
        }
    }

    @Test func `a target that has anything of its own is refused, and left as it is`() async throws {
        try await Self.with(.sqlite) { old in
            try await FullHouse.fill(old)
            try await Self.with(.sqlite) { new in
                try await new.facts.write { facts in
                    let account = AccountFact(
                        name: "admin",
                        kind: .user,
                        password: nil,
                        createdAt: Timestamp(microseconds: 1)
                    )
                    _ = try facts.insertAccount(account)
                }
                let error = try await Self.refusal(old, new)
                #expect(error == StorageMigrationError(.notEmpty, ""))
                #expect(error.description.contains("its table account has rows"))
                #expect(try await new.facts.read { try $0.migrationSource() } == nil)
            }
            try await Self.with(.sqlite) { new in
                try await SampleUpload(count: 10, seed: 1).finish(new.blobs)
                let error = try await Self.refusal(old, new)
                #expect(error.description.contains("The new blob store is not empty"))
            }
        }
    }

    @Test func `an installation is not moved onto itself, nor onto its own blobs`() async throws {
        try await Self.with(.sqlite) { old in
            try await FullHouse.fill(old)
            #expect(try await Self.refusal(old, old) == StorageMigrationError(.same, ""))
            try await Self.with(.sqlite) { other in
                let new = StorageMigration.Stores(facts: other.facts, blobs: old.blobs)
                let error = await #expect(throws: StorageMigrationError.self) {
                    _ = try await StorageMigration(from: old.side, to: new, observer: Findings()).run()
                }
                #expect(error?.description.contains("the same blobs") == true)
            }
        }
    }

    @Test func `the rest of another migration is refused by a server, and by a migration from elsewhere`() async throws
    {
        try await Self.with(.sqlite) { old in
            try await FullHouse.fill(old)
            try await Self.with(.sqlite) { new in
                let migration = StorageMigration(from: old.side, to: new.side, observer: Findings())
                await #expect(throws: Halt.self) { _ = try await migration.run { _ in throw Halt() } }
                let pairing = StorePairing(facts: new.facts, blobs: new.blobs)
                for attempt in [pairing.establish, pairing.check] {
                    let refused = await #expect(throws: UnmatchedStores.self) { try await attempt() }
                    #expect(refused?.description.contains("Run the same command again") == true)
                }
                try await Self.with(.sqlite) { third in
                    try await StorePairing(facts: third.facts, blobs: third.blobs).establish()
                    #expect(try await Self.refusal(third, new) == StorageMigrationError(.otherSource, ""))
                    #expect(try await Self.refusal(new, third) == StorageMigrationError(.notReady, ""))
                }
                let findings = Findings()
                #expect(try await Self.move(old, to: new, findings).isResumed)
                #expect(findings.movedCount == 0, "each blob had come")
                try await FullHouse.demandMoved(old, new)
            }
        }
    }

    @Test func `an old installation that never had a name is sent to be started once`() async throws {
        try await Self.with(.sqlite) { old in
            try await Self.with(.sqlite) { new in
                let error = try await Self.refusal(old, new)
                #expect(error == StorageMigrationError(.notReady, ""))
                #expect(error.description.contains("Start the old server once"))
            }
        }
    }

    /// Fills stores, and takes the bytes of its first layer away and changes those of the second; the files of all.
    private static func fillWithDamage(_ stores: TestStores) async throws -> (layers: [SampleBlob], files: [String]) {
        try await FullHouse.fill(stores)
        let layers = FullHouse.images.map(\.layer)
        let facts = try await stores.facts.read { facts in try layers.map { try facts.blob($0.name) } }
        let files = try facts.map { try file(of: #require($0), in: stores) }
        try FileManager.default.removeItem(atPath: files[0])
        try Data(repeating: 1, count: layers[1].bytes.count).write(to: URL(filePath: files[1]))
        return (layers, files)
    }

    @Test func `blobs that are damaged or missing are named, all others come, and mended ones later`() async throws {
        try await Self.with(.sqlite) { old in
            let (layers, files) = try await Self.fillWithDamage(old)
            try Data(repeating: 1, count: 5).write(to: URL(filePath: files[2]))
            try await Self.with(.sqlite) { new in
                let findings = Findings()
                await #expect(throws: StorageMigrationError(.damaged, "")) {
                    try await Self.move(old, to: new, findings)
                }
                #expect(findings.all.count == 3)
                for (layer, words) in zip(layers, ["missing", "other bytes", "5 bytes in place of"]) {
                    #expect(findings.all.contains { $0.contains(layer.digest) && $0.contains(words) })
                }
                for (file, layer) in zip(files, layers) { try Data(layer.bytes).write(to: URL(filePath: file)) }
                let again = Findings()
                try await Self.move(old, to: new, again)
                #expect(again.movedCount == 3)
                try await FullHouse.demandMoved(old, new)
            }
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `damaged blobs are left behind where that was asked for, and a push mends them`(
        _ database: TestDatabase
    ) async throws {
        try await Self.with(.sqlite) { old in
            let (layers, _) = try await Self.fillWithDamage(old)
            let before = try await FullHouse.content(old.facts)
            try await Self.with(database) { new in
                let findings = Findings()
                let migration = StorageMigration(
                    from: old.side,
                    to: new.side,
                    leavesDamaged: true,
                    observer: findings
                )
                let report = try await migration.run()
                #expect(report.blobCountLeft == 2 && findings.all.count == 2, "\(findings.all)")
                let after = try await FullHouse.content(new.facts)
                for (name, rows) in before { #expect(rows == after[name], "\(name)") }
                try await StorePairing(facts: new.facts, blobs: new.blobs).establish()
                let missing = Findings()
                let verified = try await StorageVerification(facts: new.facts, blobs: new.blobs) { finding in
                    missing.add(finding.sentence)
                }.run()
                #expect(verified.damageCount == 2, "\(missing.all)")
                for layer in layers[..<2] { #expect(missing.all.contains { $0.contains(layer.digest) }) }
                // The bytes are there anew, under another key.
                let app = try RepositoryName("team/app")
                for image in FullHouse.images { try await new.registry().push(image, to: app, tags: "mended") }
                let mended = try await StorageVerification(facts: new.facts, blobs: new.blobs) { _ in }.run()
                #expect(mended.damageCount == 0)
            }
        }
    }

    @Test func `what a run left behind that was broken off comes with the next, if it was mended`() async throws {
        try await Self.with(.sqlite) { old in
            try await FullHouse.fill(old)
            let layer = FullHouse.images[0].layer
            let fact = try await old.facts.read { try $0.blob(layer.name) }
            let file = try Self.file(of: #require(fact), in: old)
            try FileManager.default.moveItem(atPath: file, toPath: "\(file).away")
            try await Self.with(.sqlite) { new in
                func migration(leaving: Bool, _ findings: Findings) -> StorageMigration {
                    StorageMigration(from: old.side, to: new.side, leavesDamaged: leaving, observer: findings)
                }
                await #expect(throws: Halt.self) {
                    _ = try await migration(leaving: true, Findings()).run { _ in throw Halt() }
                }
                let findings = Findings()
                await #expect(throws: StorageMigrationError(.damaged, "")) {
                    try await migration(leaving: false, findings).run()
                }
                #expect(findings.all.count == 1 && findings.all[0].contains("missing"))
                try FileManager.default.moveItem(atPath: "\(file).away", toPath: file)
                let report = try await migration(leaving: false, findings).run()
                #expect(report.blobCountLeft == 0 && findings.all.count == 1)
                try await FullHouse.demandMoved(old, new)
            }
        }
    }

    @Test func `a text that PostgreSQL cannot hold is named before it would be changed`() async throws {
        try await Self.with(.sqlite) { old in
            try await FullHouse.fill(old)
            try await old.engine.write { connection in
                _ = try connection.run(Metadata.Statement("UPDATE account SET description = $1"), [.text("a\0b")])
            }
            try await Self.with(.postgresql) { new in
                let error = try await Self.refusal(old, new)
                #expect(error.description.contains("table account has a row whose description"))
            }
        }
    }

    /// The file of a blob.
    private static func file(of blob: BlobFact, in stores: TestStores) -> String {
        let encoded = blob.digest.encoded
        return "\(stores.folder.path)/blobs/sha256/\(encoded.prefix(2))/\(encoded.dropFirst(2)).\(blob.key)"
    }
}

/// Ends a migration before its end.
struct Halt: Error {}
