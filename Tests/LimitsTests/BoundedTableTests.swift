import RegistryTesting
import Testing

@testable import Limits

@Suite struct BoundedTableTests {
    @Test func `a table never has more entries than it may, and forgets the lightest that it looks at`() {
        var table = BoundedTable<Int, Int>(countMax: 16)
        for key in 0..<16 { table.keep(100 + key, for: key) { Double($0) } }
        table.keep(1, for: 16) { Double($0) }
        #expect(table.count == 16)
        #expect(table.value(for: 0) == nil, "the lightest of them gave way")
        #expect(table.value(for: 16) == 1)
        for key in 17..<1000 { table.keep(2, for: key) { Double($0) } }
        #expect(table.count == 16)
        #expect((1..<16).allSatisfy { table.value(for: $0) == 100 + $0 }, "strangers only displace each other")
    }

    @Test func `in a table larger than the look, what weighs most still stays`() {
        var table = BoundedTable<Int, Int>(countMax: 500)
        for key in 0..<500 { table.keep(key.isMultiple(of: 10) ? 1000 : 0, for: key) { Double($0) } }
        for key in 500..<20_000 { table.keep(0, for: key) { Double($0) } }
        #expect(table.count == 500)
        #expect(stride(from: 0, to: 500, by: 10).allSatisfy { table.value(for: $0) == 1000 })
    }

    @Test func `it holds what a dictionary holds while there is room`() {
        var generator = SeededGenerator(seed: TestSeed.run)
        var table = BoundedTable<Int, UInt64>(countMax: 64)
        var model: [Int: UInt64] = [:]
        for _ in 0..<5000 {
            let key = Int.random(in: 0..<64, using: &generator)
            if Bool.random(using: &generator) {
                let value = generator.next()
                table.keep(value, for: key) { _ in 0 }
                model[key] = value
            } else {
                table.forget(key)
                model[key] = nil
            }
            #expect(table.count == model.count, "TEST_SEED=\(TestSeed.run)")
            #expect(table.value(for: key) == model[key], "TEST_SEED=\(TestSeed.run)")
        }
        #expect((0..<64).allSatisfy { table.value(for: $0) == model[$0] }, "TEST_SEED=\(TestSeed.run)")
    }
}
