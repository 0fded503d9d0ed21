import AdminAPI
import Foundation
import NIOHTTP1

@testable import RegistryTesting

/// The requests of the management, by the name of the operation in its table of routes.
///
/// An operation that is not here has no row, and the test fails.
enum ManagementRequests {
    /// One request for an operation.
    struct Sample: Sendable {
        /// What tells it from the operation's others.
        var note = ""
        /// The values of the path's parameters, in order.
        var path: [String] = []
        var query = ""
        var body: String?
        /// Makes up what depends on the town or the caller.
        var change: (@Sendable (inout Sample, TownPlan, Caller) -> Void)?
    }

    /// The rows, from the table of routes.
    static var rows: [MatrixRequest] {
        Routes.all.flatMap { route in
            (samples[route.operation] ?? []).map { sample in
                let note = sample.note.isEmpty ? "" : " (\(sample.note))"
                let (method, pattern) = (route.method.rawValue, route.path)
                return MatrixRequest(name: "\(method) /api/v1\(pattern)\(note)") { plan, caller in
                    var sample = sample
                    sample.change?(&sample, plan, caller)
                    return request(method, pattern, sample)
                }
            }
        }
    }

    private static func request(_ method: String, _ pattern: String, _ sample: Sample) -> TestRequest {
        var values = sample.path[...]
        let path = pattern.split(separator: "/").map { part in
            guard part.hasPrefix("{") else { return String(part) }
            let value = values.popFirst() ?? ""
            return value.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? value
        }
        let target = "/api/v1/" + path.joined(separator: "/") + (sample.query.isEmpty ? "" : "?\(sample.query)")
        var request = TestRequest(method, target)
        if let body = sample.body {
            request.body = Array(body.utf8)
            request.headers.append(("Content-Type", "application/json"))
        }
        return request
    }

    static let samples: [String: [Sample]] = access.merging(accounts) { $1 }.merging(credentials) { $1 }
        .merging(projects) { $1 }.merging(jobs) { $1 }.merging(collection) { $1 }.merging(tagGuards) { $1 }
        .merging(care) { $1 }.merging(trash) { $1 }.merging(quotas) { $1 }

    private static let access: [String: [Sample]] = [
        "readCaller": [Sample()],
        "explainAccess": [
            Sample(query: "action=pull&repository=team/app"),
            Sample(note: "of another", query: "principal=user:read&action=pull&repository=team/app"),
            Sample(note: "of another, elsewhere", query: "principal=user:read&action=pull&repository=open/app"),
        ],
        "listKeys": [Sample()],
        "rotateKey": [Sample()],
        "deleteKey": [Sample { sample, plan, _ in sample.path = [plan.spareKeyID] }],
        "readDeclaration": [Sample()],
        "applyDeclaration": [
            Sample(body: #"{"groups":[{"name":"new"}]}"#),
            Sample(note: "dry run", query: "dryRun=true", body: #"{"groups":[{"name":"new"}]}"#),
        ],
        "searchAudit": [Sample()],
    ]

    private static let accounts: [String: [Sample]] = [
        "listUsers": [Sample()],
        "createUser": [Sample(body: #"{"name":"new","password":"long enough"}"#)],
        "readUser": [
            Sample(note: "oneself") { sample, _, caller in sample.path = [caller.account] },
            Sample(note: "another", path: ["closed"]),
            Sample(note: "not there", path: ["nobody"]),
        ],
        "changeUser": [
            Sample(note: "oneself", body: #"{"description":"new"}"#) { sample, _, caller in
                sample.path = [caller.account]
            },
            Sample(note: "another", path: ["closed"], body: #"{"isDisabled":false}"#),
            Sample(note: "not there", path: ["nobody"], body: #"{"isDisabled":false}"#),
        ],
        "deleteUser": [Sample(note: "another", path: ["closed"]), Sample(note: "not there", path: ["nobody"])],
        "setPassword": [
            Sample(
                note: "one's own",
                body: #"{"password":"long enough","currentPassword":"\#(TownPlan.password)"}"#
            ) { sample, _, caller in sample.path = [caller.account] },
            Sample(
                note: "one's own, without the one of now",
                body: #"{"password":"long enough","currentPassword":"a wrong one"}"#
            ) { sample, _, caller in sample.path = [caller.account] },
            Sample(note: "another's", path: ["closed"], body: #"{"password":"long enough"}"#),
            Sample(note: "not there", path: ["nobody"], body: #"{"password":"long enough"}"#),
        ],
        "importPassword": [
            Sample(
                path: ["closed"],
                body: #"{"hash":"$2y$05$abcdefghijklmnopqrstuuHpTYH0bDPqqVTqTSeGTQeCEMeGZHjNe"}"#
            )
        ],
        "listGroups": [Sample()],
        "readGroup": [Sample(path: ["staff"]), Sample(note: "not there", path: ["nothing"])],
        "setGroup": [Sample(path: ["staff"], body: #"{"members":["none"]}"#)],
        "deleteGroup": [Sample(path: ["staff"])],
    ]

    private static let credentials: [String: [Sample]] = [
        "listRobots": [Sample(), Sample(note: "of team", query: "project=team")],
        "createRobot": [
            Sample(body: #"{"name":"new"}"#), Sample(note: "of team", body: #"{"name":"new","project":"team"}"#),
            Sample(
                note: "of team, with a role",
                body: #"{"name":"new","project":"team","roles":["administrator"]}"#
            ),
        ],
        "readRobot": [
            Sample(note: "of team", path: ["team+robot"]), Sample(note: "of the installation", path: ["fleet"]),
            Sample(note: "of team, not there", path: ["team+none"]),
        ],
        "changeRobot": [
            Sample(note: "of team", path: ["team+robot"], body: #"{"isDisabled":true}"#),
            Sample(note: "of the installation", path: ["fleet"], body: #"{"isDisabled":true}"#),
        ],
        "deleteRobot": [
            Sample(note: "of team", path: ["team+robot"]), Sample(note: "of the installation", path: ["fleet"]),
        ],
        "rotateRobotSecret": [
            Sample(note: "of team", path: ["team+robot"], body: "{}"),
            Sample(note: "of team, for ever", path: ["team+robot"], body: #"{"neverExpires":true}"#),
            Sample(note: "of the installation", path: ["fleet"], body: "{}"),
        ],
        "deleteRobotSecret": [
            Sample(note: "of team") { sample, plan, _ in
                sample.path = ["team+robot", plan.robotSecrets["team+robot"] ?? ""]
            },
            Sample(note: "of the installation") { sample, plan, _ in
                sample.path = ["fleet", plan.robotSecrets["fleet"] ?? ""]
            },
            Sample(note: "of team, that of another robot") { sample, plan, _ in
                sample.path = ["team+robot", plan.robotSecrets["fleet"] ?? ""]
            },
        ],
        "listTokens": [
            Sample(), Sample(note: "another's", query: "user=closed"), Sample(note: "everybody's", query: "user=*"),
        ],
        "createToken": [
            Sample(body: "{}"), Sample(note: "for another", body: #"{"user":"closed"}"#),
        ],
        "readToken": [Sample(note: "of the user none") { sample, plan, _ in sample.path = [plan.tokenID] }],
        "deleteToken": [Sample(note: "of the user none") { sample, plan, _ in sample.path = [plan.tokenID] }],
        "listSessions": [
            Sample(), Sample(note: "another's", query: "user=closed"), Sample(note: "everybody's", query: "user=*"),
        ],
        "readSession": [Sample(note: "of the user none") { sample, plan, _ in sample.path = [plan.sessionID] }],
        "endSession": [Sample(note: "of the user none") { sample, plan, _ in sample.path = [plan.sessionID] }],
    ]

    private static let projects: [String: [Sample]] = [
        "listProjects": [Sample()],
        "createProject": [
            Sample(body: #"{"name":"new"}"#), Sample(note: "below team", body: #"{"name":"team/new"}"#),
            Sample(note: "that begins like team", body: #"{"name":"teams"}"#),
        ],
        "readProject": [
            Sample(note: "team", path: ["team"]), Sample(note: "open", path: ["open"]),
            Sample(note: "not there", path: ["nothing"]),
        ],
        "setProject": [
            Sample(note: "team", path: ["team"], body: #"{"isPublic":true}"#),
            Sample(note: "teamwork", path: ["teamwork"], body: #"{"isPublic":true}"#),
            Sample(note: "below team", path: ["team/new"], body: #"{"isPublic":true}"#),
        ],
        "deleteProject": [
            Sample(note: "below team", path: ["team/sub"]), Sample(note: "open", path: ["open"]),
            Sample(note: "not there", path: ["nothing"]),
            Sample(note: "open, with its repositories", path: ["open"], query: "withRepositories=true"),
        ],
        "listProjectMembers": [Sample(note: "team", path: ["team"]), Sample(note: "not there", path: ["nothing"])],
        "readProjectMember": [Sample(note: "team", path: ["team", "user:read"])],
        "setProjectMember": [
            Sample(note: "team", path: ["team", "user:none"], body: #"{"roles":["administrator"]}"#),
            Sample(note: "teamwork", path: ["teamwork", "user:none"], body: #"{"roles":["reader"]}"#),
        ],
        "listMembers": [Sample()],
        "readMember": [Sample(path: ["user:root"])],
        "setMember": [Sample(path: ["user:none"], body: #"{"roles":["administrator"]}"#)],
        "listRoles": [Sample()],
        "readRole": [Sample(path: ["writer"])],
        "setRole": [Sample(path: ["spare"], body: #"{"policies":[{"repo":"*","actions":["*"]}]}"#)],
        "deleteRole": [Sample(path: ["spare"])],
    ]

    private static let tagGuards: [String: [Sample]] = [
        "listTagRules": [Sample(note: "team", path: ["team"]), Sample(note: "not there", path: ["nothing"])],
        "readTagRule": [
            Sample(note: "team", path: ["team", "held"]), Sample(note: "not there", path: ["team", "none"]),
        ],
        "setTagRule": [
            Sample(note: "team", path: ["team", "new"], body: #"{"kind":"immutable"}"#),
            Sample(note: "teamwork", path: ["teamwork", "new"], body: #"{"kind":"immutable"}"#),
        ],
        "deleteTagRule": [Sample(note: "team", path: ["team", "held"])],
        "listTagLocks": [
            Sample(note: "team/app", query: "repository=team/app"),
            Sample(note: "teamwork/app", query: "repository=teamwork/app"),
            Sample(note: "not there", query: "repository=team/none"),
        ],
        "lockTag": [
            Sample(note: "team/app", body: #"{"repository":"team/app","tag":"v1","reason":"so"}"#),
            Sample(note: "not there", body: #"{"repository":"team/app","tag":"none","reason":"so"}"#),
        ],
        "unlockTag": [
            Sample(note: "team/app", query: "repository=team/app&tag=held"),
            Sample(note: "not there", query: "repository=team/app&tag=v1"),
        ],
        "listTagGlass": [Sample(note: "team/app", query: "repository=team/app")],
        "breakTagGlass": [
            Sample(note: "team/app", body: #"{"repository":"team/app","tag":"v1","reason":"so"}"#),
            Sample(note: "teamwork/app", body: #"{"repository":"teamwork/app","tag":"v1","reason":"so"}"#),
        ],
        "closeTagGlass": [Sample(note: "team/app", query: "repository=team/app&tag=held")],
        "explainTag": [
            Sample(note: "team/app", query: "repository=team/app&tag=held"),
            Sample(note: "not there", query: "repository=team/none&tag=none"),
        ],
    ]

    private static let care: [String: [Sample]] = [
        "listDamage": [Sample()],
        "listReadOnly": [Sample()],
        "setReadOnly": [
            Sample(note: "everything", path: ["*"], body: #"{"reason":"new disks"}"#),
            Sample(note: "team", path: ["team"], body: #"{"reason":"frozen"}"#),
            Sample(note: "teamwork", path: ["teamwork"], body: #"{"reason":"frozen"}"#),
        ],
        "deleteReadOnly": [
            Sample(note: "everything", path: ["*"]), Sample(note: "team", path: ["team"]),
            Sample(note: "not there", path: ["nothing"]),
        ],
    ]

    private static let jobs: [String: [Sample]] = [
        "listJobs": [Sample()],
        "runJob": [Sample(body: #"{"kind":"\#(TestJobs.plain)"}"#)],
        "readJob": [Sample(path: ["1"]), Sample(note: "not there", path: ["77"])],
        "readJobLog": [Sample(path: ["1"]), Sample(note: "not there", path: ["77"])],
        "cancelJob": [Sample(path: ["1"]), Sample(note: "not there", path: ["77"])],
        "pauseJob": [Sample(path: ["1"])],
        "resumeJob": [Sample(path: ["1"])],
        "listJobKinds": [Sample()],
        "listJobSchedules": [Sample()],
        "changeJobSchedule": [
            Sample(path: ["nightly"], body: #"{"isPaused":true}"#),
            Sample(note: "not there", path: ["never"], body: #"{"isPaused":true}"#),
        ],
    ]

    private static let collection: [String: [Sample]] = [
        "readCollection": [Sample()],
        "explainDigest": [
            Sample { sample, plan, _ in sample.path = [plan.image.layer.digest] },
            Sample(note: "not there", path: ["sha256:" + String(repeating: "0", count: 64)]),
        ],
    ]

    private static let trash: [String: [Sample]] = [
        "deleteRepository": [
            Sample(note: "team/app", path: ["team/app"]), Sample(note: "not there", path: ["team/apple"]),
        ],
        "estimateDeletion": [
            Sample(note: "team/app", path: ["team/app"], body: "{}"),
            Sample(note: "not there", path: ["team/apple"], body: "{}"),
        ],
        "listTrash": [Sample(), Sample(note: "of team/app", query: "repository=team/app")],
        "readTrash": [Sample(path: ["1"]), Sample(note: "not there", path: ["77"])],
        "restoreTrash": [
            Sample(path: ["1"], body: "{}"), Sample(note: "a project in team", path: ["2"], body: "{}"),
            Sample(note: "not there", path: ["77"], body: "{}"),
        ],
        "purgeTrash": [Sample(path: ["1"]), Sample(note: "not there", path: ["77"])],
    ]

    private static let quotas: [String: [Sample]] = [
        "listQuotas": [Sample()],
        "readInstallationQuota": [Sample()],
        "setInstallationQuota": [Sample(body: #"{"bytes":9}"#)],
        "deleteInstallationQuota": [Sample()],
        "readProjectQuota": [Sample(note: "team", path: ["team"]), Sample(note: "not there", path: ["nothing"])],
        "setProjectQuota": [Sample(note: "team", path: ["team"], body: #"{"bytes":9}"#)],
        "deleteProjectQuota": [
            Sample(note: "team", path: ["team"]), Sample(note: "not there", path: ["nothing"]),
        ],
        "readRepositoryQuota": [
            Sample(note: "of team", path: ["team/app"]), Sample(note: "not there", path: ["nothing"]),
        ],
        "setRepositoryQuota": [Sample(note: "of team", path: ["team/app"], body: #"{"tags":9}"#)],
        "deleteRepositoryQuota": [Sample(note: "of team", path: ["team/app"])],
    ]
}
