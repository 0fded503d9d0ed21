import AdminModel
import Administration
import Foundation
import NIOHTTP1

extension Routes {
    static let users = [
        Route(.GET, "/users", "listUsers", "Users, by name.", parameters: paging, answer: .page("User")) { call in
            try .value(try await call.management.users(after: call.after, limit: call.limit))
        },
        Route(
            .POST,
            "/users",
            "createUser",
            "Make a user.",
            body: "NewUser",
            answer: .object("MadeUser", .created),
            isLocated: true
        ) { call in
            let made = try await call.management.create(try call.read(NewUser.self))
            return try .made(made, at: "/users/\(made.user.name)", version: made.user.version)
        },
        Route(
            .GET,
            "/users/{name}",
            "readUser",
            "A user.",
            answer: .object("User", .ok),
            isVersioned: true
        ) { call in try .versioned(try await call.management.user(call["name"])) },
        Route(
            .PATCH,
            "/users/{name}",
            "changeUser",
            "Change a user; what is not given stays.",
            body: "UserChange",
            answer: .object("User", .ok),
            isVersioned: true
        ) { call in
            try .versioned(try await call.management.change(call["name"], try call.read(UserChange.self)))
        },
        Route(
            .DELETE,
            "/users/{name}",
            "deleteUser",
            "Delete a user, with their tokens, sessions, roles and places in groups.",
            answer: .nothing,
            isVersioned: true
        ) { call in
            try await call.management.deleteUser(call["name"])
            return .nothing
        },
        Route(
            .POST,
            "/users/{name}/password",
            "setPassword",
            "Set a password; every session of the user ends, and every bearer token; personal tokens stay.",
            body: "PasswordChange",
            answer: .object("GivenPassword", .ok)
        ) { call in try .value(try await call.management.setPassword(of: call["name"], try call.read())) },
        Route(
            .PUT,
            "/users/{name}/password-hash",
            "importPassword",
            "Give a user a password that was hashed elsewhere by bcrypt, and make the user where there is none.",
            body: "PasswordImport",
            answer: .object("User", .ok),
            isVersioned: true
        ) { call in
            let given = try call.read(PasswordImport.self)
            return try .versioned(try await call.management.importUser(call["name"], hash: given.hash))
        },
    ]

    static let groups = [
        Route(.GET, "/groups", "listGroups", "Groups, by name.", parameters: paging, answer: .page("Group")) { call in
            try .value(try await call.management.groups(after: call.after, limit: call.limit))
        },
        Route(
            .GET,
            "/groups/{name}",
            "readGroup",
            "A group.",
            answer: .object("Group", .ok),
            isVersioned: true
        ) { call in try .versioned(try await call.management.group(call["name"])) },
        Route(
            .PUT,
            "/groups/{name}",
            "setGroup",
            "Say who is in a group, and make it where there is none.",
            body: "GroupMembers",
            answer: .object("Group", .ok),
            isVersioned: true
        ) { call in try .versioned(try await call.management.setGroup(call["name"], try call.read())) },
        Route(
            .DELETE,
            "/groups/{name}",
            "deleteGroup",
            "Delete a group that has no roles.",
            answer: .nothing,
            isVersioned: true
        ) { call in
            try await call.management.deleteGroup(call["name"])
            return .nothing
        },
    ]

    static let robots = [
        Route(
            .GET,
            "/robots",
            "listRobots",
            "Robots, by name.",
            parameters: [.optional("project", .projectName, "Those of a project alone.")] + paging,
            answer: .page("Robot")
        ) { call in
            try .value(
                try await call.management.robots(project: call.query["project"], after: call.after, limit: call.limit)
            )
        },
        Route(
            .POST,
            "/robots",
            "createRobot",
            "Make a robot with its first secret.",
            body: "NewRobot",
            answer: .object("MadeRobot", .created),
            isLocated: true
        ) { call in
            let made = try await call.management.create(try call.read(NewRobot.self))
            return try .made(made, at: "/robots/\(Self.encoded(made.robot.name))", version: made.robot.version)
        },
        Route(
            .GET,
            "/robots/{name}",
            "readRobot",
            "A robot.",
            answer: .object("Robot", .ok),
            isVersioned: true
        ) { call in try .versioned(try await call.management.robot(call["name"])) },
        Route(
            .PATCH,
            "/robots/{name}",
            "changeRobot",
            "Change a robot; what is not given stays.",
            body: "RobotChange",
            answer: .object("Robot", .ok),
            isVersioned: true
        ) { call in
            try .versioned(try await call.management.change(call["name"], try call.read(RobotChange.self)))
        },
        Route(
            .DELETE,
            "/robots/{name}",
            "deleteRobot",
            "Delete a robot, with its secrets and roles.",
            answer: .nothing,
            isVersioned: true
        ) { call in
            try await call.management.deleteRobot(call["name"])
            return .nothing
        },
        Route(
            .POST,
            "/robots/{name}/secrets",
            "rotateRobotSecret",
            "Give a robot a new secret; those of before work for a while yet. A robot may do it for itself.",
            body: "SecretRotation",
            answer: .object("MadeRobot", .created)
        ) { call in
            try .value(try await call.management.rotateSecret(of: call["name"], try call.read()), .created)
        },
        Route(
            .DELETE,
            "/robots/{name}/secrets/{id}",
            "deleteRobotSecret",
            "End one secret of a robot; tokens that were made by it end within seconds.",
            answer: .nothing
        ) { call in
            try await call.management.deleteSecret(call["id"], of: call["name"])
            return .nothing
        },
    ]

    static let tokens = [
        Route(
            .GET,
            "/tokens",
            "listTokens",
            "Personal tokens, by id.",
            parameters: [.optional("user", .text, "Whose; the caller's without it, everybody's for `*`.")] + paging,
            answer: .page("Token")
        ) { call in
            try .value(
                try await call.management.tokens(of: call.query["user"], after: call.after, limit: call.limit)
            )
        },
        Route(
            .POST,
            "/tokens",
            "createToken",
            "Make a personal token: for oneself with the password, for others by who manages the installation.",
            body: "NewToken",
            answer: .object("MadeToken", .created),
            isLocated: true
        ) { call in
            let made = try await call.management.create(try call.read(NewToken.self))
            return try .made(made, at: "/tokens/\(made.token.id)", version: made.token.version)
        },
        Route(
            .GET,
            "/tokens/{id}",
            "readToken",
            "A personal token.",
            answer: .object("Token", .ok),
            isVersioned: true
        ) { call in try .versioned(try await call.management.token(call["id"])) },
        Route(
            .DELETE,
            "/tokens/{id}",
            "deleteToken",
            "Take a personal token back; what was made by it ends within seconds.",
            answer: .nothing,
            isVersioned: true
        ) { call in
            try await call.management.deleteToken(call["id"])
            return .nothing
        },
        Route(
            .GET,
            "/sessions",
            "listSessions",
            "Clients that stay logged in by a refresh token, by id.",
            parameters: [.optional("user", .text, "Whose; the caller's without it, everybody's for `*`.")] + paging,
            answer: .page("Session")
        ) { call in
            try .value(
                try await call.management.sessions(of: call.query["user"], after: call.after, limit: call.limit)
            )
        },
        Route(
            .GET,
            "/sessions/{id}",
            "readSession",
            "A session.",
            answer: .object("Session", .ok),
            isVersioned: true
        ) { call in try .versioned(try await call.management.session(call["id"])) },
        Route(
            .DELETE,
            "/sessions/{id}",
            "endSession",
            "End a session; tokens that were made by it end within seconds.",
            answer: .nothing,
            isVersioned: true
        ) { call in
            try await call.management.deleteSession(call["id"])
            return .nothing
        },
    ]

    /// A name as one part of a path.
    static func encoded(_ name: String) -> String {
        name.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(.init(charactersIn: "-._~"))) ?? name
    }
}
