import Jobs
import Metadata
import Settings
import Upkeep

extension Wiring {
    /// What forgets broken glass whose time is over, and where tags pointed long ago, once for all servers.
    func clearingTags(_ installation: Installation) -> JobKind {
        let glass = GlassUpkeep(facts: installation.facts)
        // What can come back from the trash still goes on with its history then.
        let keep = max(settings.tags.historyKeep, settings.trash.keep)
        let history = TagHistoryUpkeep(facts: installation.facts, keep: keep)
        let share = settings.gc.share.value
        return JobKind(
            "tags.clear",
            "Forgets broken glass of tags whose time is over, and where tags pointed before tags.history-keep.",
            priority: .low,
            timetable: try? JobTimetable("29 * * * *", zone: "UTC")
        ) { run in
            let glassCount = try await glass.run()
            var pace = WorkPace(share: share)
            let moveCount = try await history.run { count in
                run.report(JobProgress(done: Int64(count), unit: "moves"))
                try await pace.rest()
            }
            return "forgot the broken glass of \(glassCount) tags, and \(moveCount) moves"
        }
    }
}
