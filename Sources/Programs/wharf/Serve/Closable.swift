/// What must be closed, also when what is done with it fails: a client of a bucket that is just left ends the process.
protocol Closable {
    func close() async throws
}

extension Closable {
    /// Does something with it, and closes it.
    func use<Value>(_ body: (Self) async throws -> Value) async throws -> Value {
        let value: Value
        do {
            value = try await body(self)
        } catch {
            try? await close()
            throw error
        }
        try await close()
        return value
    }
}

extension Installation: Closable {}
extension Survey: Closable {}
