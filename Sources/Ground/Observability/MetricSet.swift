import Synchronization

/// All metrics of one process, each under its name, and the page that shows them.
///
/// Made once and handed to what counts. Whoever counts asks for its handles when it is made and keeps them: no name and
/// no label is looked up while a request is served. Asking again for what is there gives the same metric.
///
/// ```swift
/// let requests = metrics.counters("wharf_http_requests_total", "Requests answered.", labels: ["method", "code"])
/// let gets = requests.with("GET", "200")
/// gets.increment()
/// ```
public final class MetricSet: Sendable {
    private let families = Mutex<[String: any MetricFamily]>([:])

    /// An empty set.
    public init() {}

    /// A counter without labels.
    ///
    /// Its name ends in `_total` and names its unit before that.
    public func counter(_ name: String, _ help: String) -> Counter {
        counters(name, help, labels: []).with()
    }

    /// Counters of one name that labels tell apart.
    public func counters(_ name: String, _ help: String, labels: [String]) -> LabelledMetrics<Counter> {
        family(name) { LabelledMetrics(name: name, help: help, labels: labels) { Counter() } }
    }

    /// A gauge without labels that is set where its quantity changes.
    public func gauge(_ name: String, _ help: String) -> Gauge {
        gauges(name, help, labels: []).with()
    }

    /// Gauges of one name that labels tell apart.
    public func gauges(_ name: String, _ help: String, labels: [String]) -> LabelledMetrics<Gauge> {
        family(name) { LabelledMetrics(name: name, help: help, labels: labels) { Gauge() } }
    }

    /// A histogram without labels.
    ///
    /// Its name ends in its unit: `_seconds`, `_bytes`.
    public func histogram(_ name: String, _ help: String, scale: Histogram.Scale) -> Histogram {
        histograms(name, help, labels: [], scale: scale).with()
    }

    /// Histograms of one name that labels tell apart.
    public func histograms(
        _ name: String,
        _ help: String,
        labels: [String],
        scale: Histogram.Scale
    ) -> LabelledMetrics<Histogram> {
        family(name) { LabelledMetrics(name: name, help: help, labels: labels) { Histogram(scale) } }
    }

    /// A metric whose value is asked for when the page is made: free space, open files.
    ///
    /// - Parameters:
    ///   - name: the metric's name.
    ///   - help: a sentence on what it is.
    ///   - kind: `.gauge`, or `.counter` for what only grows.
    ///   - read: answers with the value, or nil where it is unknown now, which leaves the sample out. It is called on
    ///     the thread that makes the page and must not wait long.
    public func computed(
        _ name: String,
        _ help: String,
        kind: MetricKind = .gauge,
        read: @escaping @Sendable () -> Double?
    ) {
        _ = family(name) { ComputedMetric(name: name, help: help, kind: kind, read: read) }
    }

    /// Every metric in the text format 0.0.4 of Prometheus, names and labels in bytewise order.
    public func page() -> String {
        let shown = families.withLock { Array($0.values) }.sorted { $0.name < $1.name }
        var page = ExpositionText()
        for family in shown { family.write(to: &page) }
        return page.text
    }

    private func family<Family: MetricFamily>(_ name: String, make: () -> Family) -> Family {
        families.withLock { families in
            if let known = families[name] {
                guard let same = known as? Family else {
                    preconditionFailure("metric \(name) is asked for as two different kinds of metric")
                }
                return same
            }
            precondition(ExpositionText.isName(name), "\(name) is no name of a metric")
            let made = make()
            families[name] = made
            return made
        }
    }
}

/// What a scraper may do with a metric.
public enum MetricKind: String, Sendable {
    /// It only grows, until the process starts anew.
    case counter
    /// It rises and falls.
    case gauge
    /// It is a row of buckets.
    case histogram
}
