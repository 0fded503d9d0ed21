import AdminModel
import Administration
import NIOHTTP1

extension Routes {
    static let projects = [
        Route(
            .GET,
            "/projects",
            "listProjects",
            "Projects that the caller may see, by name.",
            parameters: paging,
            answer: .page("Project")
        ) { call in try .value(try await call.management.projects(after: call.after, limit: call.limit)) },
        Route(
            .POST,
            "/projects",
            "createProject",
            "Make a project.",
            body: "NewProject",
            answer: .object("Project", .created),
            isLocated: true
        ) { call in
            let project = try await call.management.create(try call.read(NewProject.self))
            return try .made(project, at: "/projects/\(encoded(project.name))", version: project.version)
        },
        Route(
            .GET,
            "/projects/{name}",
            "readProject",
            "A project that the caller may see; a slash in its name is written %2F.",
            answer: .object("Project", .ok),
            isVersioned: true
        ) { call in try .versioned(try await call.management.project(call["name"])) },
        Route(
            .PUT,
            "/projects/{name}",
            "setProject",
            "Say what a project is, and make it where there is none.",
            body: "ProjectChange",
            answer: .object("Project", .ok),
            isVersioned: true
        ) { call in try .versioned(try await call.management.setProject(call["name"], try call.read())) },
        Route(
            .DELETE,
            "/projects/{name}",
            "deleteProject",
            "Delete a project without robots and without roles that deny, with the other roles held in it: to the "
                + "trash, where there is one. Its repositories stay, unless it is said that they go, too.",
            parameters: [
                .optional("withRepositories", .boolean, "Whether its repositories go with it.")
            ],
            answer: .nothing,
            isVersioned: true
        ) { call in
            let withRepositories = try call.boolean("withRepositories")
            try await call.management.deleteProject(call["name"], withRepositories: withRepositories)
            return .nothing
        },
    ]

    static let members = [
        Route(
            .GET,
            "/projects/{name}/members",
            "listProjectMembers",
            "Who has which roles in a project.",
            parameters: paging,
            answer: .page("Member")
        ) { call in
            try .value(try await call.management.members(of: call["name"], after: call.after, limit: call.limit))
        },
        Route(
            .GET,
            "/projects/{name}/members/{subject}",
            "readProjectMember",
            "The roles that somebody has in a project.",
            answer: .object("Member", .ok),
            isVersioned: true
        ) { call in try .versioned(try await call.management.member(call["subject"], of: call["name"])) },
        Route(
            .PUT,
            "/projects/{name}/members/{subject}",
            "setProjectMember",
            "Say which roles somebody has in a project; none takes them away.",
            body: "MemberRoles",
            answer: .object("Member", .ok),
            isVersioned: true
        ) { call in
            try .versioned(try await call.management.setMember(call["subject"], of: call["name"], try call.read()))
        },
        Route(
            .GET,
            "/members",
            "listMembers",
            "Who has which roles everywhere.",
            parameters: paging,
            answer: .page("Member")
        ) { call in try .value(try await call.management.members(of: nil, after: call.after, limit: call.limit)) },
        Route(
            .GET,
            "/members/{subject}",
            "readMember",
            "The roles that somebody has everywhere.",
            answer: .object("Member", .ok),
            isVersioned: true
        ) { call in try .versioned(try await call.management.member(call["subject"], of: nil)) },
        Route(
            .PUT,
            "/members/{subject}",
            "setMember",
            "Say which roles somebody has everywhere; none takes them away.",
            body: "MemberRoles",
            answer: .object("Member", .ok),
            isVersioned: true
        ) { call in try .versioned(try await call.management.setMember(call["subject"], of: nil, try call.read())) },
    ]

    static let roles = [
        Route(
            .GET,
            "/roles",
            "listRoles",
            "Roles, built in and one's own, by name.",
            parameters: paging,
            answer: .page("Role")
        ) { call in try .value(try await call.management.roles(after: call.after, limit: call.limit)) },
        Route(
            .GET,
            "/roles/{name}",
            "readRole",
            "A role.",
            answer: .object("Role", .ok),
            isVersioned: true
        ) { call in try .versioned(try await call.management.role(call["name"])) },
        Route(
            .PUT,
            "/roles/{name}",
            "setRole",
            "Say what a role gives and takes, and make it where there is none.",
            body: "RolePolicies",
            answer: .object("Role", .ok),
            isVersioned: true
        ) { call in try .versioned(try await call.management.setRole(call["name"], try call.read())) },
        Route(
            .DELETE,
            "/roles/{name}",
            "deleteRole",
            "Delete a role that nobody has.",
            answer: .nothing,
            isVersioned: true
        ) { call in
            try await call.management.deleteRole(call["name"])
            return .nothing
        },
    ]
}
