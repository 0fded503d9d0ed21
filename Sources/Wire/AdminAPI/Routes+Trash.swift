import AdminModel
import Administration
import NIOHTTP1

extension Routes {
    static let trash = [
        Route(
            .GET,
            "/trash",
            "listTrash",
            "What was deleted and can be brought back, the newest first: of one repository, or of all.",
            parameters: [
                .optional("repository", .projectName, "That of a repository alone, and those that had its name.")
            ] + trashPaging,
            answer: .page("TrashEntry")
        ) { call in
            try .value(
                try await call.management.trash(
                    of: call.query["repository"],
                    after: try call.number("after"),
                    limit: call.limit
                )
            )
        },
        Route(.GET, "/trash/{id}", "readTrash", "A deletion.", answer: .object("TrashEntry", .ok)) { call in
            try .value(try await call.management.trashEntry(call["id"]))
        },
        Route(
            .POST,
            "/trash/{id}/restore",
            "restoreTrash",
            "Bring back what was deleted, as it was, with all that went with it.",
            body: "RestoreRequest",
            answer: .object("RestoredEntry", .ok)
        ) { call in
            try .value(try await call.management.restore(call["id"], try call.read(RestoreRequest.self)))
        },
        Route(
            .DELETE,
            "/trash/{id}",
            "purgeTrash",
            "Remove for good what was deleted: at once; a repository or a project within minutes, by a job.",
            answer: .nothing
        ) { call in
            try await call.management.purgeTrash(call["id"])
            return .nothing
        },
    ]

    static let repositories = [
        Route(
            .DELETE,
            "/repositories/{name}",
            "deleteRepository",
            "Delete a repository with all that is in it: to the trash, where there is one. A slash in its name is "
                + "written %2F.",
            answer: .object("TrashEntry", .ok)
        ) { call in try .value(try await call.management.deleteRepository(call["name"])) },
        Route(
            .POST,
            "/repositories/{name}/deletion-estimate",
            "estimateDeletion",
            "Say what a deletion would free, of some manifests or of the whole repository; nothing is deleted.",
            body: "DeletionQuestion",
            answer: .object("DeletionEstimate", .ok)
        ) { call in
            try .value(
                try await call.management.estimate(
                    deletingFrom: call["name"],
                    try call.read(DeletionQuestion.self)
                )
            )
        },
    ]

    private static let trashPaging =
        paging.filter { $0.name != "after" } + [
            .optional("after", .range(1...Int64.max), "The `next` of the page before.")
        ]
}
