import Metadata

extension MetadataContract {
    static let concurrency: [Rule] = [
        Rule("Of writes side by side each happens, unless its own closure throws") { engine in
            let facts = try await MetadataSample.facts(engine)
            let refused = try await withThrowingTaskGroup(of: Int?.self) { group in
                for number in 0..<400 {
                    group.addTask {
                        do {
                            try await facts.write { facts in
                                try facts.insertUpload(MetadataSample.upload(number))
                                guard number % 7 != 3 else { throw MetadataSample.Refusal(number: number) }
                            }
                            return nil
                        } catch let error as MetadataSample.Refusal {
                            return error.number
                        }
                    }
                }
                return try await group.reduce(into: Set<Int>()) { all, number in
                    if let number { all.insert(number) }
                }
            }
            let (thrown, kept) = (Set((0..<400).filter { $0 % 7 == 3 }), (0..<400).filter { $0 % 7 != 3 })
            try demandEqual(refused, thrown, "what was thrown")
            let found = try await facts.read { try $0.uploads(after: nil, limit: 1000) }
            try demandEqual(found.map(\.id), kept.map { try MetadataSample.upload($0).id }.sorted(), "what was kept")
        },
        Rule("Of writes side by side none is lost to another that read the same before") { engine in
            let facts = try await MetadataSample.facts(engine)
            let id = try MetadataSample.upload(1).id
            try await facts.write { try $0.insertUpload(MetadataSample.upload(1)) }
            let start = try MetadataSample.upload(1).byteCount
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<200 {
                    group.addTask {
                        let isAdvanced = try await facts.write { facts in
                            let offset = try facts.upload(id, in: MetadataSample.name)?.byteCount ?? 0
                            return try facts.advanceUpload(
                                id,
                                from: offset,
                                to: offset + 1,
                                hashState: [],
                                at: MetadataSample.now
                            )
                        }
                        try demand(isAdvanced, "an upload was not where the same transaction had seen it")
                    }
                }
                try await group.waitForAll()
            }
            let found = try await facts.read { try $0.upload(id, in: MetadataSample.name)?.byteCount }
            try demandEqual(found, start + 200, "the offset")
        },
        Rule("A read sees one moment, however many writes go on") { engine in
            let facts = try await MetadataSample.facts(engine)
            try await facts.write { facts in
                for number in [1, 2] { try facts.insertUpload(MetadataSample.upload(number, byteCount: 0)) }
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for offset in Int64(0)..<300 {
                        try await facts.write { facts in
                            for id in try [1, 2].map({ try MetadataSample.upload($0).id }) {
                                _ = try facts.advanceUpload(
                                    id,
                                    from: offset,
                                    to: offset + 1,
                                    hashState: [],
                                    at: MetadataSample.now
                                )
                            }
                        }
                    }
                }
                for _ in 0..<300 {
                    group.addTask {
                        let offsets = try await facts.read { facts in
                            try [1, 2].map {
                                try facts.upload(MetadataSample.upload($0).id, in: MetadataSample.name)?.byteCount
                            }
                        }
                        try demandEqual(offsets[0], offsets[1], "the offsets of two uploads that move together")
                    }
                }
                try await group.waitForAll()
            }
        },
    ]
}
