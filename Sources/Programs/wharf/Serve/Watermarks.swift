import BlobStorage
import Logging
import Observability
import Settings

/// How full the disk of the data folder is, as far as somebody should know: told when a mark is passed, either way.
final class Watermarks: Sendable {
    /// How full it is.
    enum Level: Int, Sendable {
        case normal
        /// The first mark is passed.
        case warning
        /// The second is passed: uploads are refused.
        case refusing
    }

    private let warnAbove: Double
    private let refuseAbove: Double
    private let reserve: Int64
    private let level: Gauge
    private let log: Logger

    init(_ settings: ServerSettings.Storage, metrics: MetricSet, log: Logger) {
        refuseAbove = settings.refuseAbove.value
        warnAbove = min(settings.warnAbove.value, refuseAbove)
        reserve = Int64(settings.reserve.bytes)
        level = metrics.gauge(
            "wharf_storage_watermark",
            "0 below the marks, 1 above storage.warn-above, 2 where uploads are refused for want of room."
        )
        self.log = log
    }

    /// Looks at the room; a store without a bound has no marks.
    func look(at space: StorageSpace) {
        guard let now = level(of: space) else { return }
        let before = Level(rawValue: level.value) ?? .normal
        guard now != before else { return }
        level.set(to: now.rawValue)
        let metadata: Logger.Metadata = [
            "free": .string(space.free.map { ByteCount(bytes: Int($0)).description } ?? ""),
            "total": .string(space.total.map { ByteCount(bytes: Int($0)).description } ?? ""),
        ]
        switch now {
        case .refusing:
            log.error("the disk is too full: uploads are refused (507), pulls go on", metadata: metadata)
        case .warning where before == .refusing:
            log.warning("there is room again: uploads are taken; the disk is still rather full", metadata: metadata)
        case .warning:
            log.warning("the disk is rather full: soon uploads will be refused", metadata: metadata)
        case .normal:
            log.notice("there is room enough on the disk again", metadata: metadata)
        }
    }

    /// How full it is; nil where nobody knows.
    func level(of space: StorageSpace) -> Level? {
        guard let free = space.free else { return nil }
        if free < reserve { return .refusing }
        guard let total = space.total, total > 0 else { return .normal }
        let taken = 1 - Double(free) / Double(total)
        if taken > refuseAbove { return .refusing }
        return taken > warnAbove ? .warning : .normal
    }
}
