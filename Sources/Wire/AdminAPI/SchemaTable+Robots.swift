/// Robots, described.
extension SchemaTable {
    static let robots: [ObjectSchema] = [
        ObjectSchema(
            "Robot",
            "A program that can log in.",
            [
                .required("name", .text, "The name to log in with: `PROJECT+NAME` for one of a project."),
                .optional("project", .text, "The project that it belongs to; not given for one of the installation."),
                .required("description", .text, "What it is for."),
                .required("isDisabled", .boolean, "Whether it cannot log in."),
                .required(
                    "secrets",
                    .list(.object("RobotSecret")),
                    "Its secrets that hold, the oldest first: two while one takes the place of the other."
                ),
                .required("createdAt", .moment, "When it was made."),
            ]
        ),
        ObjectSchema(
            "RobotSecret",
            "What is known of a robot's secret.",
            [
                .required("id", .text, "The id of the secret."),
                .required("createdAt", .moment, "When it was made."),
                .optional("expiresAt", .moment, "Until when it holds; not given for one without an end."),
                .required(
                    "addresses",
                    .list(.text),
                    "The blocks of addresses that it may be used from; none for everywhere."
                ),
                .optional("lastUsedAt", .moment, "When it was used last, to the minute."),
                .optional("lastAddress", .text, "From where it was used last."),
            ]
        ),
        ObjectSchema(
            "NewRobot",
            "A robot to be made.",
            [
                .required(
                    "name",
                    .shortRobotName,
                    "Its name: 1 to 64 letters, digits and `._-`; that of its project and a plus sign are put "
                        + "before it."
                ),
                .optional(
                    "project",
                    .projectName,
                    "The project that it is to belong to; without it, the installation."
                ),
                .optional("description", .words, "What it is for."),
                .optional("roles", .names(.accountName), "The roles that it is to have in its project, or everywhere."),
                .optional("expiresAt", .moment, "Until when its secret is to hold; 90 days without it."),
                .optional("neverExpires", .boolean, "Whether its secret is to hold for ever."),
                .optional("addresses", .addresses, "The blocks of addresses that it may be used from."),
            ]
        ),
        ObjectSchema(
            "RobotChange",
            "What is to be changed of a robot; what is not given stays.",
            [
                .optional("description", .words, "What it is for."),
                .optional("isDisabled", .boolean, "Whether it cannot log in."),
            ]
        ),
        ObjectSchema(
            "MadeRobot",
            "A robot that was made, with its secret.",
            [
                .required("robot", .object("Robot"), "The robot."),
                .required("secret", .text, "The secret to log in with, shown this once."),
            ]
        ),
        ObjectSchema(
            "SecretRotation",
            "How a robot is to get a new secret.",
            [
                .optional(
                    "overlapSeconds",
                    .range(0...2_592_000),
                    "For how long the secrets of before still work, in seconds: 86,400 without it."
                ),
                .optional(
                    "expiresAt",
                    .moment,
                    "Until when the new one is to hold; without it as long as the last one did."
                ),
                .optional("neverExpires", .boolean, "Whether the new one is to hold for ever."),
                .optional(
                    "addresses",
                    .addresses,
                    "The addresses that it may be used from; without it those of the last one."
                ),
            ]
        ),
    ]
}
