import FuzzTargets
import Glibc

/// Which target the process fuzzes: the environment says, because libFuzzer owns the arguments.
enum ChosenTarget {
    static let target: FuzzTarget = {
        let name = getenv("WHARF_FUZZ_TARGET").map { String(cString: $0) } ?? ""
        guard let target = FuzzTarget(rawValue: name) else {
            let known = FuzzTarget.allCases.map(\.rawValue).joined(separator: ", ")
            complain("WHARF_FUZZ_TARGET must be one of \(known)")
            exit(2)
        }
        return target
    }()
}
