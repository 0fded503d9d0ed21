import Testing

@testable import HTTPServing

@Suite struct ExchangeStateTests {
    @Test func `a request that had ended leaves the connection ready for the next`() {
        var state = ExchangeState()
        state.begin(keepAlive: true)
        #expect(state.isServing)
        #expect(state.endRequest() == .none)
        #expect(state.endResponse(bodyWasWithheld: false) == .proceed)
        #expect(state.phase == .idle)
    }

    @Test func `the last exchange closes the connection`() {
        var state = ExchangeState()
        state.begin(keepAlive: false)
        #expect(state.endRequest() == .none)
        #expect(state.endResponse(bodyWasWithheld: false) == .close)
        #expect(state.phase == .closed)
    }

    @Test func `the rest of a request whose answer is out is dropped, and then the next may come`() {
        var state = ExchangeState()
        state.begin(keepAlive: true)
        #expect(state.endResponse(bodyWasWithheld: false) == .none)
        #expect(state.discard(1000) == .none)
        #expect(state.phase == .discarding(ExchangeState.discardByteCountMax - 1000))
        #expect(state.endRequest() == .proceed)
        #expect(state.phase == .idle)
    }

    @Test func `no more than the limit is dropped`() {
        var state = ExchangeState()
        state.begin(keepAlive: true)
        _ = state.endResponse(bodyWasWithheld: false)
        #expect(state.discard(ExchangeState.discardByteCountMax) == .none)
        #expect(state.discard(1) == .close)
        #expect(state.phase == .closed)
        #expect(state.endRequest() == .none)
    }

    @Test(arguments: [true, false])
    func `a last answer before the end of its request lingers until the client closes`(wasWithheld: Bool) {
        var state = ExchangeState()
        state.begin(keepAlive: wasWithheld)
        #expect(state.endResponse(bodyWasWithheld: wasWithheld) == .linger)
        #expect(state.isLast)
        #expect(state.endRequest() == .none)
        #expect(state.discard(ExchangeState.discardByteCountMax) == .none)
        #expect(state.discard(1) == .close)
        #expect(state.phase == .closed)
    }

    @Test func `what is no request is refused, and the connection lingers`() {
        var state = ExchangeState()
        state.refuse()
        #expect(state.phase == .lingering(ExchangeState.discardByteCountMax))
        #expect(state.quiesce() == .none)
        state.close()
        #expect(state.phase == .closed)
    }

    @Test func `a draining server closes an idle connection at once and a busy one after its answer`() {
        var idle = ExchangeState()
        #expect(idle.quiesce() == .close)
        #expect(idle.phase == .closed)
        #expect(idle.quiesce() == .none)

        var busy = ExchangeState()
        busy.begin(keepAlive: true)
        #expect(busy.quiesce() == .none)
        #expect(busy.isLast)
        #expect(busy.endRequest() == .none)
        #expect(busy.endResponse(bodyWasWithheld: false) == .close)
    }

    @Test func `a draining server closes behind the rest of a request`() {
        var state = ExchangeState()
        state.begin(keepAlive: true)
        #expect(state.endResponse(bodyWasWithheld: false) == .none)
        #expect(state.quiesce() == .none)
        #expect(state.endRequest() == .close)
    }

    @Test func `a closed connection is left by nothing`() {
        var state = ExchangeState()
        state.begin(keepAlive: true)
        state.close()
        #expect(state.endResponse(bodyWasWithheld: true) == .none)
        #expect(state.endRequest() == .none)
        #expect(state.discard(1) == .none)
        #expect(state.quiesce() == .none)
        #expect(state.phase == .closed)
    }

    @Test func `bytes of a request that is being served are not counted as dropped`() {
        var state = ExchangeState()
        state.begin(keepAlive: true)
        #expect(state.discard(ExchangeState.discardByteCountMax * 2) == .none)
        #expect(state.isServing)
    }
}
