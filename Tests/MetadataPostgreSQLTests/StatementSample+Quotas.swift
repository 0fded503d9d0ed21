import RegistryTesting

@testable import Metadata

/// Those about quotas.
extension StatementSample {
    var quotas: [Statement: [String]] {
        let (own, shared) = ("pg_temp.digest(10)", "pg_temp.digest(0)")
        let (none, some) = ("1, 0, 0, 0, 0, 0, 0", "1, 1, 1, 1, 1, 0, 0")
        let along = "'team1/app1', '', 'project:team1', 'project:team1/app1', 'repository:team1/app1', '', '', '', ''"
        return [
            Statements.quotasAlong: [along],
            Statements.quotasAlongBlob: ["\(along), \(own)", "\(along), \(shared)"],
            Statements.takeShareUnasked: [none, some],
            Statements.quotasOfRepository: ["1"],
            Statements.quotaOfScope: ["'project:team1'"],
            Statements.quotas: ["'', 10", "'project:team4', 10"],
            Statements.insertQuota: ["'project:new', 1, 1, 1, 80, 1"],
            Statements.setQuotaLimits: ["1, 1, 1, 1, 80"],
            Statements.removeQuota: ["1"],
            Statements.setQuotaWarned: ["1, 1"],
            Statements.insertQuotaEvent: ["'quota:project:team1', '{}'"],
            Statements.insertQuotaShare: ["99, 0"],
            Statements.takeShare: [none, some],
            Statements.growShare: [some],
            Statements.lowerShare: ["1, 1, 1, 1"],
            Statements.shareAndPool: ["1"],
            Statements.growPool: ["1, 1, 1, 1"],
            Statements.setPool: ["1, 1, 1, 1"],
            Statements.quotaShares: ["1"],
            Statements.quotaUsed: ["1"],
            Statements.emptyShares: ["1"],
            Statements.linkRow: ["1, \(own)"],
            Statements.quotaLink: ["1, \(own)", "1, \(shared)"],
            Statements.quotaLinkElsewhere: ["1, \(own), 1", "1, \(shared), 1"],
            Statements.ownQuotaLink: ["1, \(own), 1", "1, \(shared), 1"],
            Statements.insertQuotaLink: ["1, \(own), 1", "1, \(own), 2"],
            Statements.deleteQuotaLink: ["1, \(own), 1"],
            Statements.countingQuota: [""],
            Statements.countingQuotaAt: ["51"],
            Statements.removedQuota: [""],
            Statements.setQuotaPosition: ["51, 'team1/app1'"],
            Statements.endQuotaCounting: ["51"],
            Statements.nextRepository: ["'team1/', 'team10'"],
            Statements.nextTrashedRepository: ["'team1/', 0, 'team10'", "'', 0, '~'"],
            Statements.quotaMember: ["1, 51"],
            Statements.insertQuotaMember: ["1, 99, ''"],
            Statements.setQuotaMember: ["1, 51, ''"],
            Statements.linksToCount: ["1, '', 10", "1, 'sha256:f', 10"],
            Statements.manifestsToCount: ["1, '', 10", "1, 'sha256:f', 10"],
            Statements.tagsToCount: ["1, '', 10", "1, '\(tag(tagCount - 100))', 10"],
            Statements.projectLinkNeeds: ["1, 10", "52, 10"],
            Statements.repositoryLinkNeeds: ["1, '', 10", "1, 'sha256:f', 10"],
            Statements.namedLinks: ["1, pg_temp.digest(-1), 1", "1, pg_temp.digest(-1), 52"],
            Statements.spareLinks: ["1, pg_temp.digest(-1), 1", "1, pg_temp.digest(-1), 52"],
            Statements.deleteQuotaLinks: ["52, 10"],
            Statements.deleteQuotaMembers: ["52, 10"],
            Statements.deleteMembersOf: ["\(growth.repositoryCount - 2)"],
            Statements.deleteQuotaMember: ["1, 51"],
            Statements.deleteQuotaShares: ["52"],
            Statements.deleteQuota: ["52"],
        ]
    }
}
