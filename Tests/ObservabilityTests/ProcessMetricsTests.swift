import Foundation
import Observability
import Testing

@Suite struct ProcessMetricsTests {
    @Test func `the page shows memory, processor time, open files and the start of this process`() throws {
        let metrics = MetricSet()
        ProcessMetrics.add(to: metrics)
        let samples = metrics.page().split(separator: "\n").filter { !$0.hasPrefix("#") }
        let values = try Dictionary(
            uniqueKeysWithValues: samples.map { line in
                let parts = line.split(separator: " ")
                return (String(parts[0]), try #require(Double(parts[1])))
            }
        )
        let memory = try #require(values["process_resident_memory_bytes"])
        #expect(memory > 1_000_000)
        #expect(try #require(values["process_cpu_seconds_total"]) > 0)
        let limit = try #require(values["process_max_fds"])
        #expect((3...limit).contains(try #require(values["process_open_fds"])))
        let start = try #require(values["process_start_time_seconds"])
        let now = Date().timeIntervalSince1970
        #expect((now - 86_400...now + 1).contains(start))
    }

    @Test func `an opened file is counted`() throws {
        // Other tests of this process open files too, so that many are opened here to stand out.
        let before = try #require(ProcessMetrics.openDescriptors())
        let files = try (0..<100).map { _ in try #require(FileHandle(forReadingAtPath: "/dev/null")) }
        let during = try #require(ProcessMetrics.openDescriptors())
        #expect(during > before + 50)
        for file in files { try file.close() }
    }

    @Test func `processor time grows with work`() throws {
        let before = try #require(ProcessMetrics.processorSeconds())
        var sum = 0
        while try #require(ProcessMetrics.processorSeconds()) < before + 0.01 { sum &+= 1 }
        #expect(sum > 0)
    }
}
