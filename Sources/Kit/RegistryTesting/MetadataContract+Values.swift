import Metadata
import OCI

extension MetadataContract {
    static let values: [Rule] = [
        Rule("Values come back as they were written") { engine in
            let facts = try await MetadataSample.facts(engine)
            var uploads = try [MetadataSample.upload(1), MetadataSample.upload(2), MetadataSample.upload(3)]
            uploads[0].hashState = []
            uploads[0].startedBy = ""
            uploads[0].byteCount = .max
            uploads[0].startedAt = Timestamp(microseconds: .min)
            uploads[1].hashState = (0...255).map { UInt8($0) }
            uploads[1].startedBy = "robot$1 'ÄÖÜ' \"日本\" {bytes} 🐳\n"
            uploads[1].parts = []
            uploads[2].parts = [UInt8](repeating: 0xFE, count: 3 << 20)
            uploads[2].algorithm = .sha512
            for upload in uploads {
                try await facts.write { try $0.insertUpload(upload) }
            }
            try demandEqual(try await facts.read { try $0.uploads(after: nil, limit: 10) }, uploads, "the uploads")
        },
        Rule("A text with a NUL in it, which not every database can hold, is taken") { engine in
            let facts = try await MetadataSample.facts(engine)
            var upload = try MetadataSample.upload(1)
            upload.startedBy = "some\0body"
            let changed = upload
            try await facts.write { try $0.insertUpload(changed) }
            let found = try await facts.read { try $0.uploads(after: nil, limit: 1) }.first
            try demand(found?.startedBy.hasPrefix("some") == true, "the text before the NUL")
            try demand(found?.startedBy.hasSuffix("body") == true, "the text after the NUL")
        },
        Rule("A page may begin after any text") { engine in
            let facts = try await MetadataSample.facts(engine)
            try await facts.write { facts in
                for name in ["a", "a0", "b"] {
                    _ = try facts.ensureRepository(try RepositoryName(name), at: MetadataSample.now)
                }
            }
            let after = [("a\0", ["a0", "b"]), ("a\u{1}\0", ["a0", "b"]), ("\0", ["a", "a0", "b"]), ("a~", ["b"])]
            for (text, rest) in after {
                let found = try await facts.read { try $0.repositories(after: text, limit: 9) }
                try demandEqual(found.map(\.description), rest, "what comes after \(text.debugDescription)")
            }
        },
        Rule("Names sort by their bytes") { engine in
            let facts = try await MetadataSample.facts(engine)
            let names = ["a", "a-b", "a.b", "a/b", "a0", "a_b", "ab", "b", "z/9", "z/a"]
            try await facts.write { facts in
                for name in names.shuffled() {
                    _ = try facts.ensureRepository(try RepositoryName(name), at: MetadataSample.now)
                }
            }
            var found: [String] = []
            while true {
                let after = found.last
                let page = try await facts.read { try $0.repositories(after: after, limit: 3) }
                guard !page.isEmpty else { break }
                found += page.map(\.description)
            }
            try demandEqual(found, names, "the names")
        },
    ]
}
