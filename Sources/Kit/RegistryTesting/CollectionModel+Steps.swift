extension CollectionModel {
    /// Every step that somebody could take, with what comes of it.
    func successors(of state: State) -> [(Step, State)] {
        var all: [(Step, State)] = []
        func add(_ step: Step) {
            var next = state
            if take(step, &next) { all.append((step, next)) }
        }
        add(.tick)
        for index in state.repositories.indices {
            add(.bringBytes(index))
            add(.finishUpload(index))
            add(.abandonUpload(index))
            add(.head(index))
            add(.mount(into: index))
            add(.putManifest(index))
            add(.delete(index))
            add(.restore(index))
            add(.purge(index))
            add(.deleteBlob(index))
        }
        for step in work(on: state) { add(step) }
        return all
    }

    /// What collectors can do.
    func work(on state: State) -> [Step] {
        state.repositories.indices.flatMap { [Step.lookAtLink($0), .forgetFormer($0)] } + [.condemn]
            + state.keys.indices.flatMap { [Step.aim($0), .remove($0), .forgetKey($0)] }
    }

    /// Lets a tick pass and collectors do all they can, while no client does anything; uploads are given up.
    func quietRound(after state: State) -> State {
        var state = state
        for index in state.repositories.indices { _ = take(.abandonUpload(index), &state) }
        for step in [.tick] + work(on: state) { _ = take(step, &state) }
        return state
    }

    /// Takes a step; false when it is not possible, or changes nothing.
    func take(_ step: Step, _ state: inout State) -> Bool {
        let before = state
        switch step {
        case .tick: tick(&state)
        case .bringBytes, .finishUpload, .abandonUpload, .head, .mount, .putManifest: serve(step, &state)
        case .delete, .restore, .purge, .deleteBlob: manage(step, &state)
        case .lookAtLink, .forgetFormer, .condemn, .aim, .remove, .forgetKey: collect(step, &state)
        }
        return state != before
    }

    fileprivate func tick(_ state: inout State) {
        func older(_ age: UInt8?) -> UInt8? { age.map { min($0 + 1, Self.patience) } }
        state.unlinked = older(state.unlinked)
        for index in state.repositories.indices {
            if case .waiting(let age) = state.repositories[index].link {
                state.repositories[index].link = .waiting(min(age + 1, Self.patience))
            }
            state.repositories[index].former = older(state.repositories[index].former)
            state.repositories[index].promise = state.repositories[index].promise.flatMap {
                $0 + 1 < Self.patience ? $0 + 1 : nil
            }
        }
    }
}

// MARK: - Clients

extension CollectionModel {
    fileprivate func serve(_ step: Step, _ state: inout State) {
        switch step {
        case .bringBytes(let index):
            guard state.repositories[index].upload == nil else { return }
            if omission == .newKeys, let key = state.blob ?? state.keys.indices.last, state.keys.count > 1 {
                state.keys[key].isStored = true
                state.repositories[index].upload = key
            } else if state.keys.count < keyCount {
                state.keys.append(Key(isStored: true))
                state.repositories[index].upload = state.keys.count - 1
            }
        case .finishUpload(let index):
            guard let key = state.repositories[index].upload else { return }
            state.repositories[index].upload = nil
            place(key, &state)
            link(index, &state)
        case .abandonUpload(let index):
            guard let key = state.repositories[index].upload else { return }
            state.repositories[index].upload = nil
            if key != state.blob { state.keys[key].isDoomed = true }
        case .head(let index):
            // Answered from memory, too: nothing is written.
            if state.repositories[index].isLinked { state.repositories[index].promise = 0 }
        case .mount(let index):
            if state.repositories[1 - index].isLinked { link(index, &state) }
        case .putManifest(let index):
            guard canPutManifest(index, state) else { return }
            if !state.repositories[index].isLinked { link(index, &state) }
            state.repositories[index].isLive = true
            state.repositories[index].promise = nil
        default: return
        }
    }

    /// Whether a manifest may come that names the blob: it is linked, or was, and its bytes stand.
    func canPutManifest(_ index: Int, _ state: State) -> Bool {
        state.repositories[index].isLinked || state.repositories[index].former != nil && state.blob != nil
    }

    /// Makes what was brought the blob, unless one stands that some repository links.
    fileprivate func place(_ key: Int, _ state: inout State) {
        guard let old = state.blob, old != key else {
            state.blob = key
            return
        }
        if state.repositories.contains(where: \.isLinked) {
            state.keys[key].isDoomed = true
        } else {
            state.keys[old].isDoomed = true
            state.blob = key
        }
    }

    /// Links the blob; the promise is the answer.
    fileprivate func link(_ index: Int, _ state: inout State) {
        state.repositories[index].link = .waiting(0)
        // The row of a former link may stay: nobody asks for it while the blob is linked, and whoever unlinks writes it
        // anew or removes it.
        state.repositories[index].former = nil
        state.repositories[index].promise = 0
    }
}

// MARK: - Those who delete

extension CollectionModel {
    fileprivate func manage(_ step: Step, _ state: inout State) {
        switch step {
        case .delete(let index):
            guard state.repositories[index].isLive else { return }
            state.repositories[index].isLive = false
            state.repositories[index].isTrashed = true
        case .restore(let index):
            guard state.repositories[index].isTrashed else { return }
            state.repositories[index].isTrashed = false
            state.repositories[index].isLive = true
        case .purge(let index):
            guard state.repositories[index].isTrashed else { return }
            state.repositories[index].isTrashed = false
            if omission != .lookAfterPurge, state.repositories[index].isLinked {
                state.repositories[index].link = .waiting(0)
            }
        case .deleteBlob(let index):
            guard !isNeeded(index, state), state.repositories[index].isLinked else { return }
            unlink(index, &state)
            // It takes back what others were told.
            state.repositories[index].former = nil
            state.repositories[index].promise = nil
        default: return
        }
    }

    fileprivate func isNeeded(_ index: Int, _ state: State) -> Bool {
        state.repositories[index].isLive || state.repositories[index].isTrashed && omission != .trash
    }

    fileprivate func unlink(_ index: Int, _ state: inout State) {
        state.repositories[index].link = .absent
        if omission != .formerLinks { state.repositories[index].former = 0 }
        if !state.repositories.contains(where: \.isLinked) {
            state.unlinked = omission == .quarantine ? Self.patience : 0
        }
    }
}

// MARK: - Collectors

extension CollectionModel {
    fileprivate func collect(_ step: Step, _ state: inout State) {
        switch step {
        case .lookAtLink(let index):
            guard state.repositories[index].link == .waiting(Self.patience) else { return }
            guard isNeeded(index, state) else { return unlink(index, &state) }
            state.repositories[index].link = .resting
        case .forgetFormer(let index):
            if state.repositories[index].former == Self.patience { state.repositories[index].former = nil }
        case .condemn:
            guard let key = state.blob, state.unlinked == Self.patience else { return }
            state.unlinked = nil
            // Linked again meanwhile: whoever did it has not touched the list.
            guard omission == .secondLook || !state.repositories.contains(where: \.isLinked) else { return }
            state.blob = nil
            state.keys[key].isDoomed = true
            for index in state.repositories.indices { state.repositories[index].former = nil }
        case .aim(let key):
            guard canAim(at: key, state) else { return }
            state.keys[key].isAimedAt = true
        case .remove(let key):
            if state.keys[key].isAimedAt { state.keys[key].isStored = false }
        case .forgetKey(let key):
            if !state.keys[key].isStored { state.keys[key].isDoomed = false }
        default: return
        }
    }

    fileprivate func canAim(at key: Int, _ state: State) -> Bool {
        state.keys[key].isDoomed || omission == .order && state.blob == key && state.unlinked == Self.patience
    }
}
