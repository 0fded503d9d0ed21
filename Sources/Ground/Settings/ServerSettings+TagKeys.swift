extension ServerSettings {
    static let tagKeys = [
        Declaration(
            "tags.history-keep",
            \.tags.historyKeep,
            in: .seconds(3600)...Duration.seconds(36_500 * 86_400),
            "For how long it is known where tags pointed. Where a tag points now, and since when, is known in any "
                + "case. What is in the trash for longer is known for as long."
        )
    ]
}
