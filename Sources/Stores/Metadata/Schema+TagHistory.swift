/// What forgetting the moves of tags needs.
extension Schema {
    /// The moves of all tags in the order of time: those that are old are found without a look at what stays.
    static let agedTagEvents = [
        Statement("CREATE INDEX tag_event_by_time ON tag_event (moved_at, repository, name, version)")
    ]
}
