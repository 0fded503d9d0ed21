import Metadata
import OCI
import RegistryContract
import RegistryTesting
import Testing
import Upkeep

/// What was there before a quota.
@Suite struct CountingTests {
    private struct Stopped: Error {}

    @Test func `what was there is counted in steps, nothing is refused until then, and any step may be the last`()
        async throws
    {
        try await QuotaHouse.with { house in
            let images = (1...8).map { SampleImage(seed: $0) }
            for image in images.prefix(6) {
                for name in [house.app, house.other, house.outside] {
                    try await house.registry.push(image, to: name, tags: "v\(image.layer.bytes[0])")
                }
            }
            let scopes: [QuotaScope] = [.project("team"), .repository(house.app), .installation]
            for scope in scopes {
                _ = try await house.stores.facts.write {
                    try $0.setQuota(of: scope, to: QuotaLimits(bytes: 100, tags: 1), warnPercent: 80)
                }
            }
            var number = 0
            while let quota = try await house.stores.facts.read({ try $0.quotaToCount() }) {
                number += 1
                // Pushes go on before and behind the place that is being counted.
                if number < 3 { try await house.registry.push(images[5 + number], to: house.app, tags: "x\(number)") }
                if number == 4 { try await house.registry.deleteManifest(images[0].manifest.name, in: house.app) }
                if number == 5 { try await house.collect() }
                _ = try await house.stores.facts.write { try $0.countQuota(quota, limit: 3) }
            }
            #expect(number > 20)
            try await house.demandExact()
            let blob = SampleBlob(count: 10, seed: 99)
            #expect(try await house.refusal { try await house.registry.push(blob, to: house.app) } != nil)
            try await house.demandExact()
        }
    }

    @Test func `what is in the trash as a whole is counted, also what goes there while the rest is`() async throws {
        try await QuotaHouse.with(trashTime: .seconds(3600)) { house in
            let images = (1...3).map { SampleImage(seed: $0) }
            for (image, name) in zip(images, [house.app, house.other, house.outside]) {
                try await house.registry.push(image, to: name, tags: "v1", "v2")
            }
            try await house.deleteRepository(house.app)
            let scopes: [QuotaScope] = [.project("team"), .repository(house.app), .installation]
            for scope in scopes {
                _ = try await house.stores.facts.write {
                    try $0.setQuota(of: scope, to: QuotaLimits(bytes: 100), warnPercent: 80)
                }
            }
            // The first step looks at no repository that is behind these.
            for _ in scopes {
                let quota = try #require(try await house.stores.facts.read { try $0.quotaToCount() })
                _ = try await house.stores.facts.write { try $0.countQuota(quota, limit: 1) }
            }
            for name in [house.other, house.outside] { try await house.deleteRepository(name) }
            try await house.upkeep()
            try await house.demandExact("counted")
            #expect(try await house.used(.project("team")).repositories == 2)
            #expect(try await house.used(.repository(house.app)).tags == 2)
            #expect(try await house.used(.installation).repositories == 3)
            let refusal = try await house.refusal {
                try await house.registry.push(SampleBlob(count: 10, seed: 99), to: house.app)
            }
            let message = refusal?.message ?? "none"
            #expect(message.contains("are only in the trash: purge it"), "\(message)")
            try await house.purgeTrash()
            try await house.collect()
            try await house.demandExact("purged")
            #expect(try await house.used(.project("team")) == .init())
        }
    }

    @Test func `a run that is stopped is ended by the next, and a quota that is removed leaves nothing`() async throws {
        try await QuotaHouse.with { house in
            for seed in 1...5 {
                try await house.registry.push(SampleImage(seed: UInt64(seed)), to: house.app, tags: "\(seed)")
            }
            _ = try await house.stores.facts.write {
                try $0.setQuota(of: .project("team"), to: QuotaLimits(bytes: 1 << 30), warnPercent: 80)
            }
            await #expect(throws: Stopped.self) {
                _ = try await QuotaUpkeep(facts: house.stores.facts).run { _ in throw Stopped() }
            }
            #expect(try await house.upkeep().countedQuotaCount == 1)
            try await house.demandExact()
            #expect(try await house.stores.facts.write { try $0.deleteQuota(of: .project("team")) })
            #expect(try await house.stores.facts.read { try $0.quota(of: .project("team")) } == nil)
            try await house.registry.push(SampleImage(seed: 7), to: house.app)
            try await house.upkeep()
            for name in ["quota", "quota_share", "quota_member", "quota_link"] {
                let table = try #require(FactTable.named(name))
                #expect(try await house.stores.facts.read { try $0.rows(of: table, limit: 9) } == [], "\(name)")
            }
            try await house.set(.project("team"), QuotaLimits(bytes: 1 << 30))
            try await house.demandExact()
        }
    }
}
