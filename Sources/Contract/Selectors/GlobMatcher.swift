/// Follows all ways through a pattern at once, so that no pattern is slow.
///
/// A state is the index of the token that is to come; after the last one stands the end.
struct GlobMatcher {
    private let tokens: [Glob.Token]
    private var states: [Int] = []
    private var next: [Int] = []
    /// In which step a state was reached last, so that it is kept once.
    private var reached: [Int]
    private var step = 0

    private init(_ tokens: [Glob.Token]) {
        self.tokens = tokens
        reached = Array(repeating: -1, count: tokens.count + 1)
    }

    static func matches(_ tokens: [Glob.Token], _ bytes: some Sequence<UInt8>) -> Bool {
        var matcher = GlobMatcher(tokens)
        matcher.reach(0)
        swap(&matcher.states, &matcher.next)
        for byte in bytes {
            matcher.take(byte)
            if matcher.states.isEmpty { return false }
        }
        return matcher.states.contains(tokens.count)
    }

    private mutating func take(_ byte: UInt8) {
        step += 1
        next.removeAll(keepingCapacity: true)
        let isSlash = byte == UInt8(ascii: "/")
        for state in states where state < tokens.count {
            switch tokens[state] {
            case .byte(let wanted): if byte == wanted { reach(state + 1) }
            case .one: if !isSlash { reach(state + 1) }
            case .some: if !isSlash { reach(state) }
            case .deep: reach(state + 1)
            case .deepRest:
                reach(state)
                if isSlash { reach(state + 1) }
            case .any: reach(state + 1)
            case .rest: reach(state)
            }
        }
        swap(&states, &next)
    }

    /// Adds a state, and those that follow from it without a byte.
    private mutating func reach(_ state: Int) {
        guard reached[state] != step else { return }
        reached[state] = step
        next.append(state)
        guard state < tokens.count else { return }
        switch tokens[state] {
        case .some, .rest: reach(state + 1)
        case .deep: reach(state + 2)
        case .byte, .one, .deepRest, .any: break
        }
    }
}
