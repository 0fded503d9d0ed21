import Observability
import Testing

@Suite struct MetricPageTests {
    let metrics = MetricSet()

    @Test func `a page without metrics is empty`() {
        #expect(metrics.page() == "")
    }

    @Test func `each kind of metric is declared and shown as Prometheus' text format says`() {
        let requests = metrics.counters("wharf_requests_total", "Requests answered.", labels: ["method", "code"])
        requests.with("GET", "200").increment()
        requests.with("GET", "200").increment(by: 2)
        requests.with("GET", "404").increment()
        metrics.gauge("wharf_connections", "Connections open.").set(to: 7)
        let seconds = metrics.histogram(
            "wharf_request_seconds",
            "Time a request took.",
            scale: .durations([.milliseconds(5), .seconds(1)])
        )
        seconds.record(.milliseconds(1))
        seconds.record(.milliseconds(5))
        seconds.record(.milliseconds(500))
        seconds.record(.seconds(3))
        metrics.computed("wharf_storage_free_bytes", "Space left.") { 1.5e9 }

        #expect(
            metrics.page() == """
                # HELP wharf_connections Connections open.
                # TYPE wharf_connections gauge
                wharf_connections 7
                # HELP wharf_request_seconds Time a request took.
                # TYPE wharf_request_seconds histogram
                wharf_request_seconds_bucket{le="0.005"} 2
                wharf_request_seconds_bucket{le="1"} 3
                wharf_request_seconds_bucket{le="+Inf"} 4
                wharf_request_seconds_sum 3.506
                wharf_request_seconds_count 4
                # HELP wharf_requests_total Requests answered.
                # TYPE wharf_requests_total counter
                wharf_requests_total{method="GET",code="200"} 3
                wharf_requests_total{method="GET",code="404"} 1
                # HELP wharf_storage_free_bytes Space left.
                # TYPE wharf_storage_free_bytes gauge
                wharf_storage_free_bytes 1500000000

                """
        )
    }

    @Test func `a histogram's labels stand before the bound of the bucket`() {
        let sizes = metrics.histograms("wharf_bytes", "Sizes.", labels: ["way"], scale: .counts([10]))
        sizes.with("in").record(10)
        #expect(metrics.page().contains(#"wharf_bytes_bucket{way="in",le="10"} 1"# + "\n"))
        #expect(metrics.page().contains(#"wharf_bytes_sum{way="in"} 10"# + "\n"))
    }

    @Test func `what would end a line or a value is escaped`() {
        let counters = metrics.counters("wharf_odd_total", "A \\ and\na \"new\" line.", labels: ["name"])
        counters.with("a\"b\\c\nd").increment()
        #expect(
            metrics.page() == #"""
                # HELP wharf_odd_total A \\ and\na "new" line.
                # TYPE wharf_odd_total counter
                wharf_odd_total{name="a\"b\\c\nd"} 1

                """#
        )
    }

    @Test func `a family without a series and a computed metric without a value are left out`() {
        _ = metrics.counters("wharf_unused_total", "Never resolved.", labels: ["code"])
        metrics.computed("wharf_unknown", "Cannot be read.") { nil }
        #expect(metrics.page() == "")
    }

    @Test(arguments: [
        (0.25, "0.25"), (2, "2"), (-3, "-3"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"),
        (1e300, "1e+300"),
    ])
    func `numbers are spelled as the format spells them`(value: Double, text: String) {
        metrics.computed("wharf_number", "A number.") { value }
        #expect(metrics.page().hasSuffix("\nwharf_number \(text)\n"))
    }

    @Test func `asking again for a metric gives the same one`() {
        metrics.counter("wharf_same_total", "Same.").increment()
        metrics.counter("wharf_same_total", "Same.").increment()
        #expect(metrics.counter("wharf_same_total", "Same.").value == 2)
    }

    @Test func `a counter does not fall`() {
        let counter = metrics.counter("wharf_up_total", "Up.")
        counter.increment(by: 5)
        counter.increment(by: -3)
        #expect(counter.value == 5)
    }

    @Test func `a gauge falls again`() {
        let gauge = metrics.gauge("wharf_level", "Level.")
        gauge.add(5)
        gauge.add(-7)
        #expect(gauge.value == -2)
    }

    @Test func `values that clients invent end in one series named other`() {
        let counters = metrics.counters("wharf_wide_total", "Wide.", labels: ["name"])
        for number in 0..<counters.seriesMax { counters.with("n\(number)").increment() }
        counters.with("one more").increment()
        counters.with("and one").increment()
        #expect(counters.with("other").value == 2)
        #expect(metrics.page().split(separator: "\n").count == counters.seriesMax + 3)
    }

    @Test func `nothing is lost when many tasks count at once`() async {
        let counter = metrics.counter("wharf_many_total", "Many.")
        let histogram = metrics.histogram("wharf_many_bytes", "Many.", scale: .counts([1, 2]))
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for value in 0..<10_000 {
                        counter.increment()
                        histogram.record(value % 4)
                    }
                }
            }
        }
        #expect(counter.value == 80_000)
        #expect(histogram.reading.counts == [40_000, 20_000, 20_000])
        #expect(histogram.reading.sum == 120_000)
    }
}
