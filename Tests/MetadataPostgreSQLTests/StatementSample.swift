import RegistryTesting

@testable import Metadata

/// Arguments of statements as requests bring them, for a database that has grown, in SQL.
///
/// What takes a page has two: for the first, and for one near the end.
struct StatementSample {
    let growth: MetadataGrowth

    init(_ growth: MetadataGrowth) {
        self.growth = growth
    }

    /// How many rows a page has.
    static let limit = 10

    /// By statement; every statement about a table that grows has some.
    var arguments: [Statement: [String]] {
        repositories.merging(blobs) { $1 }.merging(manifests) { $1 }.merging(tags) { $1 }.merging(uploads) { $1 }
            .merging(audit) { $1 }.merging(credentials) { $1 }.merging(jobs) { $1 }.merging(events) { $1 }
            .merging(collection) { $1 }.merging(tagGuards) { $1 }.merging(care) { $1 }.merging(trash) { $1 }
            .merging(trashProjects) { $1 }
            .merging(quotas) { $1 }
    }

    var tagCount: Int { growth.tagCount }
    /// The tag of a number.
    func tag(_ number: Int) -> String {
        let digits = "\(number)"
        return "v" + String(repeating: "0", count: 8 - digits.count) + digits
    }

    private var repositories: [Statement: [String]] {
        [
            Statements.repository: ["'team1/app1'"],
            Statements.repositoryName: ["1"],
            Statements.insertRepository: ["'new/app', 'new', 1"],
            Statements.repositories: ["'', 10", "'team5', 10"],
        ]
    }

    private var blobs: [Statement: [String]] {
        let (own, shared) = ("pg_temp.digest(10)", "pg_temp.digest(0)")
        return [
            Statements.blob: [own],
            Statements.linkedBlob: ["1, \(own)"],
            Statements.linkedBlobByName: ["'team1/app1', \(own)", "'team1/app1', \(shared)"],
            Statements.insertBlob: ["pg_temp.digest(-99999999999), 1, 'key', 1"],
            Statements.standingBlob: [own, shared],
            Statements.replaceBlob: ["\(own), 1, 'key', 1", "\(shared), 1, 'key', 1"],
            Statements.insertUsageOfNew: ["\(own), 1", "pg_temp.digest(-99999999999), 1"],
            Statements.linkByName: ["'team1/app1', \(own), 99999999999"],
            Statements.link: ["1, \(own), 99999999999"],
            Statements.unlink: ["1, \(own)"],
            Statements.hasLink: ["1, \(own)", "1, \(shared)"],
            Statements.isReferenced: ["1, \(own)", "1, \(shared)"],
            Statements.repositoriesLinking: ["\(own), 10", "\(shared), 10"],
            Statements.blobs: ["'', 10", "'sha256:ff', 10"],
        ]
    }

    private var collection: [Statement: [String]] {
        let (own, shared) = ("pg_temp.digest(10)", "pg_temp.digest(0)")
        let (doomed, former) = ("pg_temp.digest(50)", "2, pg_temp.digest(1)")
        return [
            Statements.idleLinks: ["0, 0, 10"],
            Statements.linksAfter: ["0, '', 10", "\(growth.repositoryCount / 2), '', 10"],
            Statements.blobsAfter: ["'', 10", "'sha256:ff', 10"],
            Statements.restLink: ["1, \(own)"],
            Statements.markIdle: ["1, \(own)"],
            Statements.markChildrenIdle: ["1, pg_temp.digest(-1)"],
            Statements.insertFormerLink: ["1, \(own)", former],
            Statements.recoverLink: ["\(former), 1", "1, \(own), 1"],
            Statements.deleteFormerLink: [former],
            Statements.oldFormerLinks: ["0, 0, 10"],
            Statements.deleteFormerLinks: ["pg_temp.digest(1)"],
            Statements.doomBlob: [own, shared, "pg_temp.digest(-99999999999)"],
            Statements.dueBlobs: ["0, 0, 10"],
            Statements.deleteDoomedBlob: [doomed],
            Statements.deleteBlob: ["pg_temp.digest(-99999999999)"],
            Statements.insertDoomedKey: ["'new', \(own), 1"],
            Statements.doomedKeys: ["'', 10", "'f', 10"],
            Statements.doomedKey: ["'new'"],
            Statements.deleteDoomedKey: ["'new'"],
            Statements.blobFate: [own, doomed],
            Statements.needingLinks: ["\(own), 10", "\(shared), 10"],
            Statements.trashNeedingLinks: ["\(own), 10", "\(shared), 10"],
            Statements.linkTotals: ["\(own), 10", "\(shared), 10"],
            Statements.linksOfBlob: ["\(own), 10", "\(shared), 10"],
            Statements.holders: ["1, \(own), 10", "1, \(shared), 10"],
            Statements.livingWithManifest: ["pg_temp.digest(-1), 10", "pg_temp.digest(-99999999999), 10"],
            Statements.repositoriesOfManifest: ["pg_temp.digest(-1), 10", "pg_temp.digest(-99999999999), 10"],
            Statements.doomedTotals: ["3"],
            Statements.idleTotal: ["10"],
            Statements.doomedKeyTotals: ["10"],
        ]
    }

    private var tagGuards: [Statement: [String]] {
        let locked = "1, '\(tag(1))'"
        return [
            Statements.tagRulesOfProjects: ["'team1', 'team1/app1', '', '', '', '', '', ''"],
            Statements.tagRules: ["'group11'"],
            Statements.tagRule: ["'team1', 'rule10'"],
            Statements.putTagRule: ["'team1', 'new', 'immutable', '{}', 1"],
            Statements.deleteTagRule: ["'team1', 'rule10'"],
            Statements.tagGuards: [locked],
            Statements.tagGuardsAfter: ["1, '', 'lock', 10", "1, '\(tag(tagCount / 2))', 'lock', 10"],
            Statements.putTagGuard: ["\(locked), 'lock', 'why', 'somebody', NULL"],
            Statements.deleteTagGuard: ["\(locked), 'lock'"],
            Statements.deleteEndedTagGuards: ["\(growth.repositoryCount - 2)"],
            Statements.deleteEndedGlass: ["10"],
        ]
    }

    private var care: [Statement: [String]] {
        let (own, damaged) = ("pg_temp.digest(10)", "pg_temp.digest(77)")
        return [
            Statements.blobsToLookAt: [
                "0, '', 99999999999, 10", "\(growth.blobCount - 100), '', 99999999999, 10",
            ],
            Statements.noteLook: ["\(own), 'key'"],
            Statements.quarantineBlob: ["\(own), substr(\(own), 20, 32)"],
            Statements.releaseBlob: ["\(damaged), substr(\(damaged), 20, 32)"],
            Statements.quarantinedBlobs: ["'', 10", "'sha256:d', 10"],
            Statements.isQuarantinedByName: ["'team1/app1', \(own)", "'team1/app1', \(damaged)"],
            Statements.putDamage: ["\(own), 'blob', ''", "\(damaged), 'blob', ''"],
            Statements.deleteDamage: ["\(damaged), 'blob'"],
            Statements.damage: ["\(damaged), 'blob'"],
            Statements.damages: ["'', '', 10", "'sha256:d', '', 10"],
            Statements.damageCounts: ["10"],
            Statements.contentsAfter: ["'', 10", "'sha256:f', 10"],
            Statements.contentOf: ["pg_temp.digest(-1)"],
            Statements.replaceContent: ["pg_temp.digest(-1), 2, '{}'"],
        ]
    }

    private var trash: [Statement: [String]] {
        let (first, shared, newest) = ("pg_temp.digest(-1)", "pg_temp.digest(0)", "9223372036854775807, 10")
        // Entries of tags have no rows of a manifest.
        let tagEntry = 10
        return [
            Statements.insertTrashOfManifest: ["1, \(first), 'somebody', 1"],
            Statements.insertTrashOfTag: ["1, 'new', \(first), 'somebody', 1"],
            Statements.insertTrashOfRepository: ["'team1/app1', 'somebody', 1"],
            Statements.trashManifest: ["1, \(first), \(tagEntry)"],
            Statements.trashEdges: ["1, \(first), \(tagEntry)"],
            Statements.trashTagEdges: ["1, '\(tag(1))', \(tagEntry)"],
            Statements.insertTrashTag: ["\(tagEntry), 'new'"],
            Statements.renameRepository: ["1, 'new/app', 'new'"],
            Statements.trashEntry: ["1", "\(tagCount / 10 + 1)"],
            Statements.trashEntries: [newest, "30, 10"],
            Statements.trashOfRepository: ["'team1/app1', \(newest)", "'team1/app1', 60, 10"],
            Statements.trashedRepositories: ["'team0/gone', \(newest)", "'team0/gone', \(tagCount / 10 + 15), 10"],
            Statements.trashedTags: ["1, pg_temp.digest(-10), 10"],
            Statements.trashedManifest: ["1, \(first)"],
            Statements.trashOfManifest: ["\(first), 10", "\(shared), 10"],
            Statements.trashTags: ["1"],
            Statements.restoreManifest: ["1"],
            Statements.restoreEdges: ["1"],
            Statements.restoreTagEdges: ["1, 'new'"],
            Statements.dueTrash: ["10"],
            Statements.beginPurge: ["2"],
            Statements.markTrashChildrenIdle: ["1, 1"],
            Statements.deleteTrashEdges: ["1"],
            Statements.deleteTrashTags: ["1"],
            Statements.deleteTrashManifest: ["1"],
            Statements.deleteTrash: ["\(tagEntry)"],
            Statements.trashWithin: ["1, 10"],
            Statements.subjectReferrers: ["1, \(first), '', 10", "1, \(first), 'sha256:d', 10"],
            Statements.otherTrashOfManifest: ["1, \(first), 1"],
            Statements.deleteTagsOf: ["1, 10"],
            Statements.deleteEdgesOf: ["1, 10"],
            Statements.deleteTagEventsOf: ["1, 10"],
            Statements.deleteTagGuardsOf: ["1, 10"],
            Statements.deleteGlassOf: ["1"],
            Statements.manifestsOf: ["1, 10"],
            Statements.linksOf: ["1, 10"],
            Statements.deleteRepository: ["\(growth.repositoryCount + 31)"],
            Statements.trashHolders: ["1, \(shared), 10"],
            Statements.linkElsewhere: ["\(shared), 1", "pg_temp.digest(10), 1"],
            Statements.contentElsewhere: ["\(first), 1, 0"],
            Statements.contentSize: [first],
            Statements.blobSize: [shared],
            Statements.linkSizes: ["1, 10"],
        ]
    }

    private var manifests: [Statement: [String]] {
        let (first, new) = ("pg_temp.digest(-1)", "pg_temp.digest(-99999999999)")
        return [
            Statements.manifestByName: ["'team1/app1', \(first)"],
            Statements.contentByName: ["'team1/app1', \(first)"],
            Statements.contentTagged: ["'team1/app1', '\(tag(1))'", "'team1/app1', '\(tag(tagCount))'"],
            Statements.manifestMediaType: ["1, \(first)"],
            Statements.insertContent: ["\(new), 2, '{}'"],
            Statements.insertManifest: ["1, \(first), 'a/b', NULL, NULL, 1, 'somebody'"],
            Statements.insertEdge: ["1, \(first), \(new), 'layer', ''"],
            Statements.deleteEdges: ["1, \(first)"],
            Statements.deleteTagEdges: ["1, '\(tag(1))'"],
            Statements.tagsOfManifest: ["1, \(first), 10"],
            Statements.deleteManifest: ["1, \(new)"],
            Statements.deleteContent: [first],
            Statements.parents: ["1, \(first), 10"],
            Statements.edges: ["1, \(first)"],
            Statements.manifests: ["0, '', 10", "\(growth.repositoryCount - 2), '', 10"],
            Statements.referrers: [
                "'team1/app1', \(first), '', NULL, 10", "'team1/app1', \(first), 'sha256:d', NULL, 10",
            ],
        ]
    }

    private var tags: [Statement: [String]] {
        [
            Statements.tag: ["1, '\(tag(1))'"],
            Statements.lastMove: ["1, '\(tag(1))'"],
            Statements.putTag: ["1, '\(tag(1))', pg_temp.digest(-2), 2, 1, 'somebody'"],
            Statements.deleteTag: ["1, '\(tag(1))'"],
            Statements.insertTagEvent: ["1, 'new', 1, NULL, NULL, 1, 'somebody'"],
            Statements.tags: [
                "'team1/app1', '', 10", "'team1/app1', '\(tag(tagCount - 100))', 10",
            ],
            Statements.tagHistory: [
                "'team1/app1', '\(tag(1))', 9223372036854775807, 10", "'team1/app1', '\(tag(1))', 20, 10",
            ],
            Statements.agedTagEvents: [
                "0, 0, '', 0, 0, 10", "\(tagCount - 100), 0, '', 0, 0, 10",
            ],
            Statements.deleteTagEventsBefore: [
                "1, '\(tag(1))', 15, 10", "1, '\(tag(1))', \(tagCount / 100), 10",
            ],
            Statements.deleteLastDeletion: ["1, '\(tag(1))', \(tagCount / 100)"],
            Statements.tagEvents: ["1, '\(tag(1))', 0, 10", "1, '\(tag(1))', \(tagCount / 100 - 20), 10"],
        ]
    }

    private var uploads: [Statement: [String]] {
        let id = "substr(pg_temp.digest(1), 8, 32)"
        return [
            Statements.insertUpload: ["'new', 'team1/app1', 'key', 0, '', 'sha256', NULL, 1, 1, 'somebody'"],
            Statements.upload: ["\(id), 'team1/app1'"],
            Statements.advanceUpload: ["\(id), 1, 2, '', 2, NULL"],
            Statements.deleteUpload: [id],
            Statements.dropUpload: ["\(id), 1"],
            Statements.abandonedUploads: ["20, 10", "99999999999, 10"],
            Statements.uploads: ["'', 10", "'d', 10"],
        ]
    }

    private var audit: [Statement: [String]] {
        let seals = tagCount / 100
        return [
            Statements.insertAuditEntry: ["1, '', '', '', '', '', 'allowed', '', '', 1"],
            Statements.unsealedAuditEntries: ["10"],
            Statements.unsealedAuditCount: [""],
            Statements.sealAuditEntry: ["\(tagCount), 1, 1"],
            Statements.auditEntriesOfSeal: ["1, 10"],
            Statements.strayAuditEntries: ["1, 1000, 10"],
            Statements.halfSealedAuditEntries: ["10"],
            Statements.auditEntriesByTime: ["99999999999, 0, 0, 10", "50, 0, 0, 10"],
            Statements.auditEntriesByPrincipal: [
                "99999999999, 0, 0, 10, 'user:user1'", "\(tagCount / 10), 0, 0, 10, 'user:user1'",
            ],
            Statements.auditEntriesByTarget: [
                "99999999999, 0, 0, 10, 'team1/app1'", "\(tagCount / 2), 0, 0, 10, 'team1/app1'",
            ],
            Statements.insertAuditSeal: ["99999999999, 1, 1, '', '', ''"],
            Statements.newestAuditSeal: ["9223372036854775807"],
            Statements.auditSeals: ["0, 10", "\(seals - 30), 10"],
            Statements.insertAuditMark: ["'head', 99999999999, '', 1, '', ''"],
            Statements.newestAuditMark: ["'head', 9223372036854775807"],
            Statements.auditMarks: ["'head', 0, 10", "'head', \(seals - 30), 10"],
            Statements.deleteAuditMarks: ["'head', 1"],
            Statements.deleteAuditEntries: ["1"],
            Statements.deleteAuditSeals: ["1"],
        ]
    }

    private var events: [Statement: [String]] {
        let hot = "'team1/app1:\(tag(1))'"
        return [
            Statements.insertEvents: [
                """
                1, 1, 'somebody', 'manifest.pushed', '@x', NULL, NULL, NULL, pg_temp.digest(1), '',
                'tag.moved', ':new', 'new', 1, NULL, pg_temp.digest(1), ''
                """
            ],
            Statements.eventConsumer: ["1"],
            Statements.dueEvent: ["1"],
            Statements.dueEvents: ["1, 10"],
            Statements.claimEvent: ["4, 60000000"],
            Statements.postponeEvent: ["4, 60000000"],
            Statements.deferEvent: ["4, 0, 60000000, NULL"],
            Statements.buryEvent: ["4, 0, 'no answer'"],
            Statements.deleteEvent: ["4, 0"],
            Statements.wakeEvent: ["1, \(hot)"],
            Statements.deadEvents: ["1, 0, 10", "1, \(tagCount / 10 - 300), 10"],
            Statements.reviveDeadEvent: ["2, 1"],
            Statements.deleteDeadEvent: ["2, 1"],
            Statements.waitingEventCount: ["1, 10"],
            Statements.deadEventCount: ["1, 10"],
            Statements.nextEventConsumer: ["0", "1", "2"],
            Statements.eventBeyond: ["1, 10"],
            Statements.lastEventOfBatch: ["1, 99999999999, 1, 10"],
            Statements.deleteEventsUpTo: ["1, 10, 0"],
        ]
    }

    private var credentials: [Statement: [String]] {
        let (hash, id) = ("encode(sha256(int8send(1)), 'hex')", "substr(pg_temp.digest(-1), 8, 32)")
        return [
            Statements.credential: [hash],
            Statements.credentialByID: [id],
            Statements.credentials: ["'personal', '', 10", "'personal', 'd', 10"],
            Statements.credentialsOfAccount: ["'personal', 'user0', '', 10", "'personal', 'user0', 'd', 10"],
            Statements.credentialsEnding: ["0, 99999999999, 10", "\(tagCount / 11), 99999999999, 10"],
            Statements.insertCredential: [
                "'new', 'new', 'user0', 'personal', '', NULL, 1, 1, NULL, '', ''"
            ],
            Statements.endCredential: ["\(id), 0"],
            Statements.noteCredentialUse: ["\(id), 1, ''"],
            Statements.deleteCredential: [id],
            Statements.deleteExpiredCredentials: ["10"],
            Statements.keptAnswer: ["pg_temp.digest(1)"],
            Statements.insertKeptAnswer: ["'new', '', '', 1"],
            Statements.deleteKeptAnswers: ["10"],
            Statements.loginFailures: ["pg_temp.digest(1), pg_temp.digest(-1)"],
            Statements.putLoginFailures: ["pg_temp.digest(1), 1, 1, 1", "'new', 1, 1, 1"],
            Statements.deleteLoginFailures: ["pg_temp.digest(1)"],
            Statements.deleteOldLoginFailures: ["10"],
        ]
    }

    private var jobs: [Statement: [String]] {
        let newest = "9223372036854775807, 10"
        return [
            Statements.insertJob: ["'kind0', '{}', 1, NULL, 3, 0, 'somebody'", "'kind0', '{}', 1, 'key10', 3, 0, 'a'"],
            Statements.jobOfKey: ["'key10'"],
            Statements.job: ["1"],
            Statements.jobs: [newest, "30, 10"],
            Statements.jobsOfKind: ["\(newest), 'kind0'", "300, 10, 'kind0'"],
            Statements.jobsInState: ["\(newest), 'succeeded'", "50, 10, 'succeeded'"],
            Statements.jobsOfKindInState: ["\(newest), 'kind1', 'succeeded'", "300, 10, 'kind1', 'succeeded'"],
            Statements.jobCount: ["'queued', 10000"],
            Statements.endJob: ["10, 'cancelled', ''"],
            Statements.moveJob: ["10, 'paused', 0, 0, NULL"],
            Statements.wishOfJob: ["1, 'cancel'"],
            Statements.jobLog: ["1, 0, 10", "1, 980, 10"],
            Statements.insertJobLogLine: ["1, 'info', ''"],
            Statements.deleteJobLogLines: ["1, 1"],
            Statements.dueWork: ["' kind0 '", "' kind0 kind2 '"],
            Statements.endedLeases: ["10"],
            Statements.claimJob: ["'runner', 1, ' kind0 ', 1", "'runner', 1, ' kind0 kind1 kind2 ', 0"],
            Statements.renewJob: ["1, 1, 1"],
            Statements.saveJob: ["1, 1, NULL, 1, NULL, NULL"],
            Statements.jobsEndedFor: ["0, 10"],
            Statements.jobsEndedBeyond: ["10, 10"],
            Statements.deleteJob: ["10"],
        ]
    }
}
