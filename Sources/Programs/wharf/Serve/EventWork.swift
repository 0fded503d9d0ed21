import Events
import Logging
import Metadata
import Observability
import Settings

/// The outbox as a server looks after it: what is too old or too many for a consumer goes, and is told.
struct EventWork: Sendable {
    private let facts: FactStore
    private let upkeep: EventUpkeep
    private let waiting: LabelledMetrics<Gauge>
    private let dead: LabelledMetrics<Gauge>
    private let lost: LabelledMetrics<Counter>
    private let log: Logger

    /// How often it is looked after.
    private static let interval = Duration.seconds(60)
    /// Up to how many events of a consumer are counted.
    private static let countMax = 100_000

    init(_ settings: ServerSettings.Events, _ facts: FactStore, metrics: MetricSet, log: Logger) {
        (self.facts, self.log) = (facts, log)
        upkeep = EventUpkeep(facts, keep: settings.keep, countMax: settings.waitingMax)
        waiting = metrics.gauges(
            "wharf_events_waiting",
            "Events that a consumer is not done with, counted up to \(Self.countMax).",
            labels: ["consumer"]
        )
        dead = metrics.gauges(
            "wharf_events_dead",
            "Events that a consumer gave up, counted up to \(Self.countMax).",
            labels: ["consumer"]
        )
        lost = metrics.counters(
            "wharf_events_lost_total",
            "Events that this server removed before their consumer was done with them: too old, or too many.",
            labels: ["consumer"]
        )
    }

    /// Looks after it until it is cancelled.
    func run() async {
        while !Task.isCancelled {
            do {
                for loss in try await upkeep.run() { tell(loss) }
                for consumer in try await facts.read({ try $0.eventConsumers() }) {
                    let counts = try await facts.read { try $0.eventCounts(of: consumer.id, upTo: Self.countMax) }
                    waiting.with(consumer.name).set(to: counts.waiting)
                    dead.with(consumer.name).set(to: counts.dead)
                }
            } catch {
                log.error("events could not be looked after", metadata: ["error": .string("\(error)")])
            }
            try? await Task.sleep(for: Self.interval)
        }
    }

    private func tell(_ loss: EventUpkeep.Loss) {
        lost.with(loss.consumer).increment(by: loss.count)
        log.error(
            "events went before their consumer was done: older than events.keep, or beyond events.waiting-max",
            metadata: ["consumer": .string(loss.consumer), "count": .stringConvertible(loss.count)]
        )
    }
}
