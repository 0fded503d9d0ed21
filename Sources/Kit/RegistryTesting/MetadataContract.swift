public import Metadata
import OCI

/// What every ``MetadataEngine`` promises, beside its durability, which needs a process that is killed.
///
/// The facts are used to see it, so that the schema and its statements are tried in the engine as well.
public enum MetadataContract {
    /// A promise of an engine, which is checked on an empty one.
    public typealias Rule = ContractRule<any MetadataEngine>

    /// Every promise.
    public static let rules: [Rule] = transactions + concurrency + values

    private static let transactions: [Rule] = [
        Rule("Bringing up the schema twice changes nothing") { engine in
            let facts = FactStore(engine: engine)
            try await facts.migrate()
            let repository: RepositoryID? = try await facts.write {
                try $0.ensureRepository(MetadataSample.name, at: MetadataSample.now)
            }
            try await facts.migrate()
            try await facts.requireSchema()
            try demandEqual(
                try await facts.read { try $0.repository(MetadataSample.name) },
                repository,
                "the repository"
            )
        },
        Rule("A read that begins after a write has returned sees it") { engine in
            let facts = try await MetadataSample.facts(engine)
            for number in 0..<200 {
                let upload = try MetadataSample.upload(number)
                try await facts.write { try $0.insertUpload(upload) }
                let seen = try await facts.read { try $0.upload(upload.id, in: MetadataSample.name) }
                try demandEqual(seen, upload, "upload \(number)")
            }
        },
        Rule("A write sees what it has written itself") { engine in
            let facts = try await MetadataSample.facts(engine)
            let seen = try await facts.write { facts in
                try facts.insertUpload(MetadataSample.upload(1))
                return try facts.upload(MetadataSample.upload(1).id, in: MetadataSample.name)
            }
            try demandEqual(seen, MetadataSample.upload(1), "the upload")
        },
        Rule("A write whose closure throws has happened not at all, and throws the same") { engine in
            let facts = try await MetadataSample.facts(engine)
            do {
                try await facts.write { facts in
                    try facts.insertUpload(MetadataSample.upload(1))
                    throw MetadataSample.Refusal(number: 7)
                }
                throw ContractViolation("the write did not throw", #fileID, #line)
            } catch let error as MetadataSample.Refusal {
                try demandEqual(error.number, 7, "the error")
            }
            try demandEqual(try await facts.read { try $0.uploads(after: nil, limit: 10) }, [], "the uploads")
        },
        Rule("A write that the schema refuses is a breach of a constraint, and has happened not at all") { engine in
            let facts = try await MetadataSample.facts(engine)
            do {
                try await facts.write { facts in
                    try facts.insertUpload(MetadataSample.upload(1))
                    let repository = try facts.ensureRepository(MetadataSample.name, at: MetadataSample.now)
                    try facts.link(MetadataSample.digest(1), in: repository, at: MetadataSample.now)
                }
                throw ContractViolation("a link to a blob that is not there was made", #fileID, #line)
            } catch let error as MetadataError {
                try demandEqual(error.code, .constraint, "the error")
            }
            try demandEqual(try await facts.read { try $0.uploads(after: nil, limit: 10) }, [], "the uploads")
            try demandEqual(try await facts.read { try $0.repository(MetadataSample.name) }, nil, "the repository")
        },
        Rule("An engine that is closed refuses reads and writes") { engine in
            let facts = try await MetadataSample.facts(engine)
            try await engine.close()
            for attempt in [facts.read, facts.write] as [MetadataSample.Attempt] {
                do {
                    _ = try await attempt { try $0.repository(MetadataSample.name) }
                    throw ContractViolation("a closed engine answered", #fileID, #line)
                } catch let error as MetadataError {
                    try demandEqual(error.code, .unavailable, "the error")
                }
            }
        },
    ]
}
