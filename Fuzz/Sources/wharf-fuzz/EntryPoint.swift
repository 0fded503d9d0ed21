import FuzzTargets
import Glibc

/// What libFuzzer calls with each input that it makes.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    do throws(Violation) {
        try ChosenTarget.target.check(bytes)
    } catch {
        complain("This does not hold: \(error)")
        // libFuzzer keeps the input of a process that stops.
        abort()
    }
    return 0
}

/// Says something on standard error, past all buffers.
func complain(_ text: String) {
    let bytes = Array((text + "\n").utf8)
    _ = write(STDERR_FILENO, bytes, bytes.count)
}
