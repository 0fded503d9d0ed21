/// One step of a pattern's program; those that take no byte name the steps to go on with.
enum PatternStep: Hashable, Sendable {
    case one(ASCIISet)
    case beginning
    case end
    case jump(Int)
    case either(Int, Int)
    case match
}

/// Writes a pattern as a program.
struct PatternCompiler {
    private var steps: [PatternStep] = []

    /// The whole program.
    mutating func program(of node: PatternNode) throws(Pattern.ParseError) -> [PatternStep] {
        try add(node)
        try write(.match)
        return steps
    }

    private mutating func write(_ step: PatternStep) throws(Pattern.ParseError) {
        guard steps.count < Pattern.partCountMax else { throw .tooLarge }
        steps.append(step)
    }

    private mutating func add(_ node: PatternNode) throws(Pattern.ParseError) {
        switch node {
        case .nothing: break
        case .one(let set): try write(.one(set))
        case .beginning: try write(.beginning)
        case .end: try write(.end)
        case .sequence(let nodes): for node in nodes { try add(node) }
        case .alternatives(let branches): try add(branches)
        case .repeated(let node, let least, let most): try add(node, from: least, to: most)
        }
    }

    private mutating func add(_ branches: [PatternNode]) throws(Pattern.ParseError) {
        var ends: [Int] = []
        for branch in branches.dropLast() {
            let fork = steps.count
            try write(.jump(0))
            try add(branch)
            ends.append(steps.count)
            try write(.jump(0))
            steps[fork] = .either(fork + 1, steps.count)
        }
        if let last = branches.last { try add(last) }
        for end in ends { steps[end] = .jump(steps.count) }
    }

    private mutating func add(_ node: PatternNode, from least: Int, to most: Int?) throws(Pattern.ParseError) {
        for _ in 0..<least { try add(node) }
        guard let most else {
            let fork = steps.count
            try write(.jump(0))
            try add(node)
            try write(.jump(fork))
            steps[fork] = .either(fork + 1, steps.count)
            return
        }
        var forks: [Int] = []
        for _ in least..<most {
            forks.append(steps.count)
            try write(.jump(0))
            try add(node)
        }
        for fork in forks { steps[fork] = .either(fork + 1, steps.count) }
    }
}

/// Follows all ways through a program at once.
struct PatternMatcher {
    private let program: [PatternStep]
    private var states: [Int] = []
    private var next: [Int] = []
    /// At which byte a step was reached last, so that it is kept once.
    private var reached: [Int]
    private var position = 0
    private let byteCount: Int

    private init(_ program: [PatternStep], byteCount: Int) {
        self.program = program
        self.byteCount = byteCount
        reached = Array(repeating: -1, count: program.count)
    }

    static func matches(_ program: [PatternStep], _ bytes: String.UTF8View) -> Bool {
        var matcher = PatternMatcher(program, byteCount: bytes.count)
        matcher.reach(0)
        for byte in bytes {
            swap(&matcher.states, &matcher.next)
            matcher.next.removeAll(keepingCapacity: true)
            matcher.position += 1
            for state in matcher.states {
                if case .one(let set) = program[state], set.contains(byte) { matcher.reach(state + 1) }
            }
            if matcher.next.isEmpty { return false }
        }
        return matcher.next.contains { program[$0] == .match }
    }

    /// Adds a step, and those that follow from it without a byte.
    private mutating func reach(_ first: Int) {
        // A list of its own, since a pattern may be as long as the stack is not.
        var pending = [first]
        while let step = pending.popLast() {
            guard reached[step] != position else { continue }
            reached[step] = position
            switch program[step] {
            case .one, .match: next.append(step)
            case .beginning: if position == 0 { pending.append(step + 1) }
            case .end: if position == byteCount { pending.append(step + 1) }
            case .jump(let target): pending.append(target)
            case .either(let left, let right):
                pending.append(right)
                pending.append(left)
            }
        }
    }
}
