import AdminModel
import Administration
import Metadata
import RegistryTesting
import Testing

/// Quotas as an administrator deals with them.
@Suite("Quotas")
struct QuotaTests {
    private static let change = QuotaChange(bytes: 5000, tags: 3)

    @Test("are set, listed, changed and deleted, and the audit has it")
    func life() async throws {
        let office = try await TestAdministration()
        let version = try await office.facts.read { try $0.accessVersion() }
        let admin = try await office.management("admin")
        let team = try await admin.setQuota(of: .project("team"), Self.change)
        #expect((team.scope, team.bytes, team.tags, team.repositories) == ("project:team", 5000, 3, nil))
        #expect(team.isCounted && team.usedBytes == 0 && team.warnPercent == 80)
        let whole = try await admin.setQuota(of: .installation, QuotaChange(repositories: 7, warnPercent: 90))
        let app = try await admin.setQuota(of: .repository("team/app"), QuotaChange())
        #expect(try await admin.quotas(after: nil, limit: 10).items == [whole, team, app])
        let first = try await admin.quotas(after: nil, limit: 1)
        #expect(first.items == [whole])
        #expect(try await admin.quotas(after: first.next, limit: 2) == Page(items: [team, app], next: nil))
        let larger = try await admin.setQuota(of: .project("team"), QuotaChange(bytes: 9000))
        #expect((larger.bytes, larger.tags) == (9000, nil))
        try await admin.deleteQuota(of: .project("team"))
        let problem = await Self.problem { _ = try await admin.quota(of: .project("team")) }
        #expect(problem?.code == .notFound)
        #expect(await Self.problem { try await admin.deleteQuota(of: .project("team")) }?.code == .notFound)
        let entries = try await office.audit()
        #expect(
            entries.map { "\($0.action) \($0.target)" } == [
                "quota.set project:team", "quota.set installation", "quota.set repository:team/app",
                "quota.set project:team", "quota.delete project:team",
            ]
        )
        #expect(entries.first?.details == #"{"bytes":"5000","tags":"3"}"#)
        #expect(try await office.facts.read { try $0.accessVersion() } == version, "no rule has changed")
    }

    @Test("are seen by who manages what they are of, and set by who manages the installation")
    func authority() async throws {
        let office = try await TestAdministration()
        _ = try await office.local.setQuota(of: .project("team"), Self.change)
        _ = try await office.local.setQuota(of: .repository("team/app"), Self.change)
        _ = try await office.local.setQuota(of: .project("other"), Self.change)
        let alice = try await office.management("alice")
        #expect(try await alice.quota(of: .project("team")).bytes == 5000)
        #expect(try await alice.quota(of: .repository("team/app")).bytes == 5000)
        await #expect(throws: Refused.self) { _ = try await alice.quota(of: .project("other")) }
        await #expect(throws: Refused.self) { _ = try await alice.quota(of: .installation) }
        await #expect(throws: Refused.self) { _ = try await alice.quotas(after: nil, limit: 10) }
        await #expect(throws: Refused.self) { _ = try await alice.setQuota(of: .project("team"), QuotaChange()) }
        await #expect(throws: Refused.self) { try await alice.deleteQuota(of: .project("team")) }
    }

    @Test("say whether the trash counts, and are counted anew where that changes")
    func trash() async throws {
        let office = try await TestAdministration()
        let admin = try await office.management("admin")
        #expect(try await admin.setQuota(of: .project("team"), QuotaChange()).trash == .counted)
        let first = try await office.facts.read { try $0.quota(of: .project("team"))?.id }
        let free = try await admin.setQuota(of: .project("team"), QuotaChange(bytes: 10, trash: .free))
        #expect(free.trash == .free && free.isCounted && free.bytes == 10)
        let second = try await office.facts.read { try $0.quota(of: .project("team"))?.id }
        #expect(first != second)
        #expect(try await admin.quotas(after: nil, limit: 10).items == [free])
        _ = try await admin.setQuota(of: .project("team"), QuotaChange(bytes: 20, trash: .free))
        #expect(try await office.facts.read { try $0.quota(of: .project("team"))?.id } == second)
        #expect(try await office.audit().last?.details == #"{"bytes":"20","trash":"free"}"#)
        #expect(try await admin.setQuota(of: .project("team"), QuotaChange()).trash == .counted)
        let problem = await Self.problem {
            _ = try await admin.setQuota(of: .installation, QuotaChange(trash: .free))
        }
        #expect(problem?.code == .unprocessable && problem?.field == "trash")
    }

    @Test("over HTTP are what they are here; what cannot be is refused")
    func requests() async throws {
        let office = try await TestAdministration()
        let path = "/api/v1/projects/team/quota"
        #expect(try await office.send("PUT", path, #"{"bytes":5000,"tags":3}"#).status == 200)
        let read = try await office.send("GET", path, as: "alice")
        #expect(read.status == 200 && read.text.contains(#""bytes":5000"#), "\(read.text)")
        #expect(try await office.send("GET", "/api/v1/quotas").text.contains(#""scope":"project:team""#))
        #expect(try await office.send("PUT", "/api/v1/repositories/team%2Fapp/quota", #"{"tags":1}"#).status == 200)
        for body in [
            #"{"trash":"kept"}"#, #"{"bytes":-1}"#, #"{"bytes":1152921504606846977}"#, #"{"warnPercent":0}"#,
            #"{"byte":1}"#,
        ] {
            #expect(try await office.send("PUT", path, body).status == 400, "\(body)")
        }
        let wrong = try await office.send("PUT", "/api/v1/repositories/team%2Fapp/quota", #"{"repositories":1}"#)
        #expect(wrong.status == 422)
        #expect(try await office.send("PUT", path, #"{"trash":"free"}"#).text.contains(#""trash":"free""#))
        #expect(try await office.send("PUT", "/api/v1/quotas/installation", #"{"trash":"free"}"#).status == 422)
        #expect(try await office.send("DELETE", path).status == 204)
        #expect(try await office.send("GET", path).status == 404)
    }

    private static func problem(_ body: () async throws -> Void) async -> Problem? {
        do {
            try await body()
            return nil
        } catch {
            return error as? Problem
        }
    }
}
