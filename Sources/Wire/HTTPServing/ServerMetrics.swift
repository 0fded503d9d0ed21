import NIOHTTP1
import Observability
import Synchronization

/// What is counted of requests: how many by method and code, how long, how many bytes.
///
/// A handle is looked up by two small numbers; labels are resolved only the first time that a pair is seen.
public final class ServerMetrics: Sendable {
    /// Methods that get a label of their own; all others are `OTHER`, so that a client cannot make up labels.
    private static let methods: [HTTPMethod] = [.GET, .HEAD, .POST, .PUT, .PATCH, .DELETE]
    private static let codeCount = 600

    private let requests: LabelledMetrics<Counter>
    private let handles: Mutex<[Counter?]>
    private let durations: [Histogram]
    let bytesReceived: Counter
    let bytesSent: Counter
    let connections: Gauge
    let connectionsRefused: Counter

    /// Declares the metrics in `metrics`.
    public init(_ metrics: MetricSet) {
        let names = Self.methods.map(\.rawValue) + ["OTHER"]
        requests = metrics.counters(
            "wharf_http_requests_total",
            "Requests answered, by method and status code.",
            labels: ["method", "code"]
        )
        handles = Mutex(Array(repeating: nil, count: names.count * Self.codeCount))
        let histograms = metrics.histograms(
            "wharf_http_request_duration_seconds",
            "Time from a request's header to the last byte of its answer, by method.",
            labels: ["method"],
            scale: .requestDurations
        )
        durations = names.map { histograms.with($0) }
        bytesReceived = metrics.counter("wharf_http_received_bytes_total", "Bytes of request bodies received.")
        bytesSent = metrics.counter("wharf_http_sent_bytes_total", "Bytes of response bodies sent.")
        connections = metrics.gauge("wharf_http_connections", "Connections open.")
        connectionsRefused = metrics.counter(
            "wharf_http_connections_refused_total",
            "Connections closed at once because the limit was reached."
        )
    }

    func record(_ method: HTTPMethod, status: Int, nanoseconds: Int) {
        let row = Self.methods.firstIndex(of: method) ?? Self.methods.count
        let code = min(max(status, 0), Self.codeCount - 1)
        let counter = handles.withLock { handles in
            if let known = handles[row * Self.codeCount + code] { return known }
            let made = requests.with(row < Self.methods.count ? Self.methods[row].rawValue : "OTHER", String(code))
            handles[row * Self.codeCount + code] = made
            return made
        }
        counter.increment()
        durations[row].record(nanoseconds)
    }
}
