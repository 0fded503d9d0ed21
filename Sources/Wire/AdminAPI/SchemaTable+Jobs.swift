/// Jobs and schedules, described.
extension SchemaTable {
    static let jobs: [ObjectSchema] = [
        ObjectSchema("Job", "Work that lasts, as it stands in the queue.", job),
        ObjectSchema(
            "KnownJobKind",
            "What jobs can do.",
            [
                .required("name", .text, "What it is called, such as `uploads.sweep`."),
                .required("title", .text, "What it does, as a sentence."),
                .required("arguments", .list(.text), "The names of what it may be asked with."),
                .required("priority", .text, "`high`, `normal` or `low`."),
                .required("attemptMax", .integer, "How often a job of it is begun at most."),
                .required("isSingle", .boolean, "Whether there is one job of it at most that has not ended."),
            ]
        ),
        ObjectSchema(
            "NewJob",
            "A job to be done.",
            [
                .required("kind", .jobKind, "What it is to do, such as `uploads.sweep`."),
                .optional("arguments", .map, "What it is asked with; the kind says which there are."),
            ]
        ),
        ObjectSchema(
            "MadeJob",
            "A job that was asked for.",
            [
                .required("job", .object("Job"), "The job."),
                .required(
                    "isNew",
                    .boolean,
                    "Whether it is a new one; otherwise it does the same already, and has not ended."
                ),
            ]
        ),
        ObjectSchema(
            "JobLine",
            "What a job said.",
            [
                .required("number", .integer, "The number of the line, from 1."),
                .required("at", .moment, "When."),
                .required("level", .text, "`info`, `warning` or `error`."),
                .required("text", .text, "What, in one line."),
            ]
        ),
        ObjectSchema(
            "JobSchedule",
            "When jobs of a kind are put by themselves.",
            [
                .required("name", .text, "The name of the schedule."),
                .required("kind", .text, "What its jobs do."),
                .required("arguments", .map, "What they are asked with."),
                .required(
                    "cron",
                    .text,
                    "When: minute, hour, day of the month, month and day of the week, as cron has them."
                ),
                .required("zone", .text, "The time zone of those, such as `UTC` or `Europe/Berlin`."),
                .required("isPaused", .boolean, "Whether none is put."),
                .required("nextAt", .moment, "When the next one is put, if it is not paused."),
                .optional("lastJob", .integer, "The job that it put last."),
            ]
        ),
        ObjectSchema(
            "JobScheduleChange",
            "What is to be changed of a schedule; what is not given stays.",
            [.optional("isPaused", .boolean, "Whether it puts no jobs.")]
        ),
    ]

    private static let job: [FieldSchema] = [
        .required("id", .integer, "The number of the job; later ones have higher ones."),
        .required("kind", .text, "What it does, such as `uploads.sweep`."),
        .required("arguments", .map, "What it was asked with."),
        .required("priority", .text, "`high`, `normal` or `low`."),
        .required("state", .text, "`queued`, `running`, `paused`, `succeeded`, `failed` or `cancelled`."),
        .optional("wish", .text, "What was asked of it while it runs, and is not so yet: `cancel` or `pause`."),
        .required("attempts", .integer, "How often it was begun."),
        .required("attemptMax", .integer, "How often it is begun at most."),
        .required("done", .integer, "How much is done, in its unit."),
        .optional("total", .integer, "How much there is to do; not given where nobody knows yet."),
        .optional("unit", .text, "What is counted, such as `uploads`."),
        .required("createdBy", .text, "Who asked for it, such as `user:alice`."),
        .required("createdAt", .moment, "When it was asked for."),
        .required("dueAt", .moment, "Before when it is not begun."),
        .optional("startedAt", .moment, "When it was first begun."),
        .optional("endedAt", .moment, "When it ended."),
        .optional("runner", .text, "The server that runs it."),
        .optional("outcome", .text, "What came of it, or why the last attempt failed, in one line."),
    ]
}
