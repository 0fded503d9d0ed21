extension CollectionModel {
    /// A state in which something is wrong, and how one comes there.
    public struct Finding: Sendable {
        /// What is wrong.
        public var problem: String
        /// What leads there from nothing.
        public var steps: [Step]
    }

    /// Looks at every state that can be reached, the nearest first.
    ///
    /// Returns how many there are, or as many as were seen before the first that is wrong.
    public func search() -> (stateCount: Int, finding: Finding?) {
        var states = [State()]
        var ways: [(from: Int, step: Step)] = [(0, .tick)]
        var seen = Set(states)
        var settling: Set<State> = []
        var index = 0
        while index < states.count {
            let state = states[index]
            if let problem = problem(in: state) ?? problem(settling: state, &settling) {
                var steps: [Step] = []
                while index > 0 {
                    steps.append(ways[index].step)
                    index = ways[index].from
                }
                return (states.count, Finding(problem: problem, steps: steps.reversed()))
            }
            for (step, next) in successors(of: state) where seen.insert(next).inserted {
                states.append(next)
                ways.append((index, step))
            }
            index += 1
        }
        return (states.count, nil)
    }

    /// What is wrong with a state; nil when nothing is.
    func problem(in state: State) -> String? {
        for (index, repository) in state.repositories.enumerated() {
            if repository.isLive || repository.isTrashed, !repository.isLinked {
                return "a manifest of repository \(index) needs a blob that is not linked there"
            }
            if repository.isLinked, state.blob == nil { return "repository \(index) links a blob that is gone" }
            if repository.promise != nil, !canPutManifest(index, state) {
                return "a client of repository \(index) was told that the blob is there, and cannot push its manifest"
            }
        }
        guard let key = state.blob else { return nil }
        if !state.keys[key].isStored { return "the bytes of the blob are gone" }
        if state.keys[key].isDoomed || state.keys[key].isAimedAt { return "the bytes of the blob are about to go" }
        return nil
    }

    /// What is wrong once nothing happens any more; `known` holds states from where all is well.
    private func problem(settling start: State, _ known: inout Set<State>) -> String? {
        var state = start
        while known.insert(state).inserted {
            let next = quietRound(after: state)
            guard next != state else { return problem(inSettled: state) }
            state = next
        }
        return nil
    }

    private func problem(inSettled state: State) -> String? {
        for repository in state.repositories where repository.isLinked {
            if !repository.isLive, !repository.isTrashed { return "a link stays that nothing needs" }
        }
        if state.blob != nil, !state.repositories.contains(where: \.isLinked) { return "a blob stays without a link" }
        if state.keys.indices.contains(where: { state.keys[$0].isStored && $0 != state.blob }) {
            return "bytes stay that are no blob"
        }
        return nil
    }
}
