/// What one round of one row took with one party.
struct Sample {
    /// Requests, images or GiB.
    var operations: Double
    var wall: Double
    /// Seconds, over all processes of the server.
    var serverCPU: Double
    /// Seconds, of this program or of the curl that it ran.
    var clientCPU: Double
    /// Where the row shows neither a rate nor a time: milliseconds of one answer, or MiB of memory.
    var value = 0.0
}

/// The medians of a row's rounds with one party.
struct Summary {
    var figure: Double
    /// Seconds an operation.
    var serverCPU: Double
    var clientCPU: Double

    init?(_ samples: [Sample], of row: Row) {
        guard !samples.isEmpty else { return nil }
        figure = samples.map(row.figure.value).median
        serverCPU = samples.map { $0.serverCPU / $0.operations }.median
        clientCPU = samples.map { $0.clientCPU / $0.operations }.median
    }
}

extension [Double] {
    /// The one in the middle, or the mean of the two there; they are not empty.
    var median: Double {
        let sorted = sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}
