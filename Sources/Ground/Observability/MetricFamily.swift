import Synchronization

/// All that stands under one metric name.
protocol MetricFamily: AnyObject, Sendable {
    var name: String { get }
    func write(to page: inout ExpositionText)
}

/// What can stand as one series of a family: a counter, a gauge, a histogram.
public protocol MetricSeries: AnyObject, Sendable {
    /// How the family is declared to a scraper.
    static var kind: MetricKind { get }
    /// Writes the samples of this series.
    func write(name: String, labels: MetricLabels, to page: inout ExpositionText)
}

/// Metrics of one name that labels tell apart; ``with(_:)`` gives the handle for one combination.
///
/// There are at most `seriesMax` combinations. What comes after that is counted together under the label value
/// `other`, so that a client that invents values cannot fill the memory.
public final class LabelledMetrics<Series: MetricSeries>: MetricFamily {
    /// The most combinations of label values that are told apart.
    public let seriesMax = 2000

    let name: String
    private let help: String
    private let labels: [String]
    private let make: @Sendable () -> Series
    private let series = Mutex<[[String]: Series]>([:])

    init(name: String, help: String, labels: [String], make: @escaping @Sendable () -> Series) {
        precondition(labels.allSatisfy(ExpositionText.isLabelName), "the labels of \(name) are not label names")
        self.name = name
        self.help = help
        self.labels = labels
        self.make = make
    }

    /// The handle for one value a label, in the order in which the labels were declared.
    ///
    /// It takes a lock: call it once and keep what it gives.
    public func with(_ values: String...) -> Series {
        precondition(values.count == labels.count, "\(name) has the labels \(labels), and was given \(values)")
        return series.withLock { series in
            if let known = series[values] { return known }
            let full = series.count >= seriesMax
            let key = full ? values.map { _ in "other" } : values
            if let known = series[key] { return known }
            let made = make()
            series[key] = made
            return made
        }
    }

    func write(to page: inout ExpositionText) {
        let shown = series.withLock { $0 }.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        guard !shown.isEmpty else { return }
        page.declare(name, Series.kind, help: help)
        for (values, series) in shown {
            series.write(name: name, labels: MetricLabels(Array(zip(labels, values))), to: &page)
        }
    }
}

extension Counter: MetricSeries {
    /// A counter.
    public static var kind: MetricKind { .counter }

    /// Writes its one sample.
    public func write(name: String, labels: MetricLabels, to page: inout ExpositionText) {
        page.sample(name, labels, "\(value)")
    }
}

extension Gauge: MetricSeries {
    /// A gauge.
    public static var kind: MetricKind { .gauge }

    /// Writes its one sample.
    public func write(name: String, labels: MetricLabels, to page: inout ExpositionText) {
        page.sample(name, labels, "\(value)")
    }
}

extension Histogram: MetricSeries {
    /// A histogram.
    public static var kind: MetricKind { .histogram }

    /// Writes its buckets, each with all that is below it, then sum and count.
    public func write(name: String, labels: MetricLabels, to page: inout ExpositionText) {
        let reading = reading
        let shown = Double(scale.unitsPerShown)
        let bounds = scale.bounds.map { ExpositionText.number(Double($0) / shown) } + ["+Inf"]
        var below = 0
        for (bound, count) in zip(bounds, reading.counts) {
            below += count
            page.sample(name + "_bucket", labels.adding("le", bound), "\(below)")
        }
        page.sample(name + "_sum", labels, ExpositionText.number(Double(reading.sum) / shown))
        page.sample(name + "_count", labels, "\(below)")
    }
}

/// A metric whose value is asked for when the page is made.
final class ComputedMetric: MetricFamily {
    let name: String
    private let help: String
    private let kind: MetricKind
    private let read: @Sendable () -> Double?

    init(name: String, help: String, kind: MetricKind, read: @escaping @Sendable () -> Double?) {
        self.name = name
        self.help = help
        self.kind = kind
        self.read = read
    }

    func write(to page: inout ExpositionText) {
        guard let value = read() else { return }
        page.declare(name, kind, help: help)
        page.sample(name, MetricLabels([]), ExpositionText.number(value))
    }
}
