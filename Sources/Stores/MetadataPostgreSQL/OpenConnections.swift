import Synchronization

/// How many connections an engine has open.
final class OpenConnections: Sendable {
    private let number = Atomic(0)

    var count: Int { number.load(ordering: .relaxed) }

    func opened() {
        number.add(1, ordering: .relaxed)
    }

    func closed() {
        number.subtract(1, ordering: .relaxed)
    }
}
