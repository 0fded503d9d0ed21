import AdminModel
import Administration
import NIOHTTP1

extension Routes {
    static let jobs = [
        Route(
            .GET,
            "/jobs",
            "listJobs",
            "Jobs, the newest first.",
            parameters: [
                .optional("kind", .jobKind, "Those of a kind alone, such as `uploads.sweep`."),
                .optional("state", .choice(JobQuestion.states), "Those in a state alone."),
            ] + numbered("The `next` of the page before."),
            answer: .page("Job")
        ) { call in
            let question = JobQuestion(kind: call.query["kind"], state: call.query["state"])
            return try .value(
                try await call.management.jobs(question, after: try call.number("after"), limit: call.limit)
            )
        },
        Route(
            .POST,
            "/jobs",
            "runJob",
            "Have a job done. Where one does the same already and has not ended, that one is answered; where that one "
                + "is to end because it was cancelled, or was asked with other arguments, 409.",
            body: "NewJob",
            answer: .object("MadeJob", .accepted)
        ) { call in try .value(try await call.management.run(try call.read(NewJob.self)), .accepted) },
        Route(.GET, "/jobs/{id}", "readJob", "A job.", answer: .object("Job", .ok)) { call in
            try .value(try await call.management.job(call["id"]))
        },
        Route(
            .GET,
            "/jobs/{id}/log",
            "readJobLog",
            "What a job said, the oldest line first.",
            parameters: numbered("The number of a line: what was said after it."),
            answer: .page("JobLine")
        ) { call in
            try .value(
                try await call.management.jobLog(of: call["id"], after: try call.number("after"), limit: call.limit)
            )
        },
        Route(
            .POST,
            "/jobs/{id}/cancel",
            "cancelJob",
            "End a job: at once where it waits, and within seconds where it runs.",
            answer: .object("Job", .ok)
        ) { call in try .value(try await call.management.cancelJob(call["id"])) },
        Route(
            .POST,
            "/jobs/{id}/pause",
            "pauseJob",
            "Have a job wait until it is resumed; where it runs, it stops within seconds.",
            answer: .object("Job", .ok)
        ) { call in try .value(try await call.management.pauseJob(call["id"])) },
        Route(
            .POST,
            "/jobs/{id}/resume",
            "resumeJob",
            "Have a job go on that was paused, from its last checkpoint.",
            answer: .object("Job", .ok)
        ) { call in try .value(try await call.management.resumeJob(call["id"])) },
    ]

    static let jobSchedules = [
        Route(
            .GET,
            "/job-kinds",
            "listJobKinds",
            "What jobs can do, by name.",
            parameters: paging,
            answer: .page("KnownJobKind")
        ) { call in try .value(try await call.management.jobKinds(after: call.after, limit: call.limit)) },
        Route(
            .GET,
            "/job-schedules",
            "listJobSchedules",
            "When which jobs are put by themselves, by name.",
            parameters: paging,
            answer: .page("JobSchedule")
        ) { call in try .value(try await call.management.jobSchedules(after: call.after, limit: call.limit)) },
        Route(
            .PATCH,
            "/job-schedules/{name}",
            "changeJobSchedule",
            "Pause a schedule, or have it go on.",
            body: "JobScheduleChange",
            answer: .object("JobSchedule", .ok)
        ) { call in
            try .value(
                try await call.management.changeJobSchedule(call["name"], try call.read(JobScheduleChange.self))
            )
        },
    ]

    /// The parameters of a list whose keys are numbers.
    private static func numbered(_ after: String) -> [Route.Parameter] {
        paging.filter { $0.name != "after" } + [.optional("after", .range(1...Int64.max), after)]
    }
}
