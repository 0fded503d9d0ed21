/// A row of the table of errors: what users meet, what it means, and what mends it.
///
/// Equal when the code is.
public struct Fault: Sendable, Hashable {
    /// Its name, which does not change.
    public let code: String
    /// Where it shows.
    public let step: DiagnosisStep
    /// What Docker, containerd and podman print for it; `…` stands for anything.
    public let printed: [String]
    /// What it means: one or two sentences.
    public let meaning: String
    /// What mends it, most likely first.
    public let mends: @Sendable (FaultSubject) -> [Mend]

    /// States a row.
    init(
        _ code: String,
        at step: DiagnosisStep,
        printed: [String],
        _ meaning: String,
        mends: @escaping @Sendable (FaultSubject) -> [Mend]
    ) {
        self.code = code
        self.step = step
        self.printed = printed
        self.meaning = meaning
        self.mends = mends
    }

    /// How much of a message this row explains: the bytes of the longest form that stands in it; nil for none.
    func explained(of message: String) -> Int? {
        printed.compactMap { Self.matched($0, in: message) }.max()
    }

    /// The bytes of `form` where all its pieces stand in `message`, one behind the other.
    private static func matched(_ form: String, in message: String) -> Int? {
        var rest = message.lowercased()[...]
        var count = 0
        for piece in form.lowercased().split(separator: "…") {
            let piece = piece.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
            guard !piece.isEmpty else { continue }
            guard let range = rest.firstRange(of: piece) else { return nil }
            rest = rest[range.upperBound...]
            count += piece.utf8.count
        }
        return count > 0 ? count : nil
    }

    /// Equal when the code is.
    public static func == (left: Fault, right: Fault) -> Bool { left.code == right.code }

    /// By the code.
    public func hash(into hasher: inout Hasher) { hasher.combine(code) }
}

/// The table of errors.
public enum FaultTable {
    /// No message is looked at further than this, in bytes.
    static let messageByteCountMax = 64 << 10

    /// All rows, in the order of the steps.
    public static let all: [Fault] = naming + machine + network + trust + service + access + content

    /// The row of a code.
    static func row(_ code: String) -> Fault {
        guard let fault = all.first(where: { $0.code == code }) else {
            preconditionFailure("\(code) is named in this room and must stand in its table")
        }
        return fault
    }

    /// The row that says most of a message that a tool has printed; nil where none fits.
    public static func fault(explaining message: String) -> Fault? {
        let words = message.utf8.prefix(messageByteCountMax).split { $0 == 0x20 || (0x09...0x0D).contains($0) }
        let text = words.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
        var best: (fault: Fault, byteCount: Int)?
        for fault in all {
            guard let byteCount = fault.explained(of: text), byteCount > best?.byteCount ?? 0 else { continue }
            best = (fault, byteCount)
        }
        return best?.fault
    }
}
