import Metadata

/// How often a write was begun again, and what it does before the next time.
struct Races {
    /// What follows a failure.
    enum Next {
        case again(after: Duration)
        case giveUp(any Error)
    }

    private let racesMax: Int
    private let end: ContinuousClock.Instant
    /// How often it lost against another write.
    private(set) var lostCount = 0
    private var lostConnectionCount = 0

    /// A write that lost this often lets no other run beside it.
    private static let aloneAfter = 4
    private static let lostConnectionMax = 2
    private static let pauseMin = Duration.milliseconds(1)
    private static let pauseMax = Duration.milliseconds(100)

    init(_ options: PostgreSQLOptions, now: ContinuousClock.Instant = .now) {
        racesMax = options.racesMax
        end = now + options.raceDuration
    }

    /// Whether no other write runs beside it.
    var runsAlone: Bool { lostCount >= Self.aloneAfter }

    /// What follows a lost race.
    mutating func lost(_ error: any Error, now: ContinuousClock.Instant = .now) -> Next {
        lostCount += 1
        guard lostCount <= racesMax, now < end else {
            let text = "a write has lost against others \(lostCount) times, and is given up"
            return .giveUp(MetadataError(.busy, text, underlying: error))
        }
        let longest = min(Self.pauseMin * (1 << min(lostCount - 1, 10)), Self.pauseMax)
        return .again(after: longest * Double.random(in: 0...1))
    }

    /// What follows a lost connection, of which it is known that nothing happened.
    mutating func lostConnection(_ error: any Error) -> Next {
        lostConnectionCount += 1
        return lostConnectionCount <= Self.lostConnectionMax ? .again(after: .zero) : .giveUp(error)
    }
}
