import CPostgreSQL
import Metadata

/// What PostgreSQL, or the way to it, ran into.
struct PostgreSQLFailure: Error, CustomStringConvertible {
    /// The five letters of an SQLSTATE; empty when no server said anything.
    let state: String
    /// The sentence of the server; no values, which are in the details that are left out.
    let message: String

    init(state: String, message: String) {
        self.state = state
        self.message = message
    }

    /// What a statement was answered.
    init(_ result: OpaquePointer) {
        // PG_DIAG_SQLSTATE and PG_DIAG_MESSAGE_PRIMARY are macros that Swift does not import.
        let (state, sentence) = (UInt8(ascii: "C"), UInt8(ascii: "M"))
        let field = { (code: UInt8) in PQresultErrorField(result, CInt(code)).map { String(cString: $0) } }
        let whole = PQresultErrorMessage(result).map { String(cString: $0) } ?? ""
        self.init(state: field(state) ?? "", message: field(sentence) ?? Self.firstLine(of: whole))
    }

    /// What libpq says of a connection that is not one, or no longer.
    init(lastErrorOf handle: OpaquePointer?) {
        let text = PQerrorMessage(handle).map { String(cString: $0) } ?? ""
        self.init(state: "", message: Self.firstLine(of: text))
    }

    private static func firstLine(of text: String) -> String {
        text.split(whereSeparator: \.isNewline).first.map(String.init) ?? "no more is known"
    }

    var description: String {
        state.isEmpty ? message : "\(state) \(message)"
    }

    /// Whether the transaction lost against another and would have done well alone.
    var isLostRace: Bool {
        ["40001", "40P01"].contains(state)
    }

    /// Whether a row that was referred to went, or a reference came, while another write ran beside it; or the program
    /// is wrong.
    ///
    /// Foreign keys look past the isolation of the transaction: what is really a lost race can be told as this.
    var isBrokenReference: Bool {
        state == "23503"
    }

    /// Whether nothing more can be asked on the connection, or should be: it is dead, or leads to a server that does
    /// not write any longer, or has forgotten what was prepared.
    var endsConnection: Bool {
        if state.isEmpty || state.hasPrefix("08") { return true }
        return ["57P01", "57P02", "57P03", "57P05", "25006", "25P03", "26000", "0A000", "XX000"].contains(state)
    }

    /// Whether asking again now will be answered the same.
    var isLasting: Bool {
        state.hasPrefix("28") || state == "3D000"
    }

    var code: MetadataError.Code {
        switch state.prefix(2) {
        case "53" where state == "53100": .full
        case "53" where state != "53200": .busy
        case "40": .busy
        case "55" where state == "55P03": .busy
        case "23", "22": .constraint
        case "42": .corrupt
        case "XX" where state == "XX001" || state == "XX002": .corrupt
        default: .unavailable
        }
    }
}

extension MetadataError {
    /// What comes after the database was let go.
    static var closed: MetadataError {
        MetadataError(.unavailable, "the database is closed")
    }

    init(_ failure: PostgreSQLFailure, _ doing: String) {
        self.init(failure.code, "PostgreSQL while \(doing): \(failure)", underlying: failure)
    }

    /// What the server, or the way to it, said; nil when the error is of other origin.
    var failure: PostgreSQLFailure? {
        underlying as? PostgreSQLFailure
    }
}
