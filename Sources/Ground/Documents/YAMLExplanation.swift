import Yams

/// What the parser found wrong, as a sentence for whoever wrote the text.
struct YAMLExplanation {
    /// Where it is; nil for what is wrong with the whole.
    let place: YAMLDocument.Place?
    /// What is wrong and how to mend it.
    let sentence: String

    static let alias = "anchors and aliases (&name, *name) are not taken: write the value out where it is used"
    static let tooDeep = "lists and mappings lie more than \(JSONValue.depthMax) deep in each other"

    /// Explains an error that came up while `text` was read.
    init(of error: YamlError, in text: String) {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            self.init(problem, YAMLDocument.Place(mark), while: context?.text, from: context?.mark, in: text)
        case .reader(_, let offset, _, _):
            let before = text.prefix(offset ?? 0).unicodeScalars
            let lines = before.split(separator: "\n", omittingEmptySubsequences: false)
            self.init(
                place: YAMLDocument.Place(line: lines.count, column: (lines.last?.count ?? 0) + 1),
                sentence: "a control character stands here: delete it, or write it as an escape in double quotes"
            )
        case .duplicatedKeysInMapping(let keys, let context):
            let sentence = "the key \(keys.first ?? "") stands again later in this mapping: keep one of them"
            self.init(place: YAMLDocument.Place(context.mark), sentence: sentence)
        case .memory:
            self.init(place: nil, sentence: Self.tooDeep)
        default:
            self.init(place: nil, sentence: "this is not valid YAML: \(error)")
        }
    }

    private init(place: YAMLDocument.Place?, sentence: String) {
        self.place = place
        self.sentence = sentence
    }

    private init(
        _ problem: String,
        _ place: YAMLDocument.Place,
        while context: String?,
        from start: Mark?,
        in text: String
    ) {
        let beginning = start.map { YAMLDocument.Place($0) } ?? place
        let rest = Self.rest(of: text, from: place)
        if context?.hasSuffix("scanning an alias") == true || problem == "found undefined alias" {
            self.place = beginning
            sentence = Self.star(Self.rest(of: text, from: beginning), in: text)
        } else if rest.first == "&" || context?.hasSuffix("scanning an anchor") == true {
            self.place = beginning
            sentence = "an unquoted & is not valid YAML here: write the text in quotes"
        } else if problem == "found character that cannot start any token", let first = rest.first {
            self.place = place
            sentence =
                first == "\t"
                ? "a tab stands where only spaces may indent: replace it by spaces"
                : "no text may begin with \(first): write it in quotes"
        } else if let row = Self.rows.first(where: { problem.contains($0.problem) }) {
            self.place = row.isAtStart ? beginning : place
            sentence = row.sentence
        } else {
            self.place = place
            sentence = "this is not valid YAML: \(problem)"
        }
    }

    /// What is said of a `*` before which there is no quote: mostly it was meant as one.
    private static func star(_ rest: Substring.UnicodeScalarView, in text: String) -> String {
        let word = String(rest.prefix { !" \t\r\n,]}#".unicodeScalars.contains($0) })
        let name = word.dropFirst()
        if !name.isEmpty, text.contains("&\(name)") { return alias }
        return "an unquoted * is not valid YAML: write \"\(word)\" in quotes"
    }

    /// What the parser says, and what is meant; `isAtStart` where the mistake is at the beginning of what was read.
    private static let rows: [(problem: String, isAtStart: Bool, sentence: String)] = [
        ("found unexpected end of stream", true, "the quote that begins here is not closed"),
        ("found unexpected document indicator", true, "the quote that begins here is not closed"),
        ("tab character", false, "a tab stands where only spaces may indent: replace it by spaces"),
        (
            "mapping values are not allowed", false,
            "a colon with a space behind it stands in the middle of a text: write the text in quotes, or check the "
                + "indentation, and that each key above has a space behind its colon"
        ),
        ("could not find expected ':'", true, "this is no key with a value: write KEY: VALUE, with a space between"),
        (
            "did not find expected key", false,
            "this line does not fit those above: check its indentation, and that a text that begins with a quote "
                + "ends with it"
        ),
        ("did not find expected '-' indicator", false, "this line is no item: begin it with \"- \", or indent it more"),
        ("did not find expected ',' or ']'", true, "a comma is missing in the list that begins here, or its ]"),
        ("did not find expected ',' or '}'", true, "a comma is missing in the mapping that begins here, or its }"),
        (
            "block sequence entries are not allowed", false,
            "a list may not begin here: begin it on a line of its own, indented below its key"
        ),
        ("mapping keys are not allowed", false, "a key may not stand here: begin it on a line of its own"),
        ("did not find expected node content", false, "a value is missing here"),
        (
            "found unknown escape character", false,
            "in double quotes a backslash begins an escape: write two of them, or use single quotes"
        ),
        ("hexdecimal number", false, "an escape such as \\x41 or \\u0041 lacks a digit"),
        ("Unicode character escape", false, "this escape stands for no character"),
        ("nesting level", false, tooDeep),
        ("<document start>", false, "what follows is no part of the document: check the indentation"),
    ]

    /// The text from a place on; lines end where the parser ends them.
    static func rest(of text: String, from place: YAMLDocument.Place) -> Substring.UnicodeScalarView {
        let scalars = text.unicodeScalars
        var index = scalars.startIndex
        var line = 1
        while line < place.line, index < scalars.endIndex {
            let scalar = scalars[index]
            scalars.formIndex(after: &index)
            if scalar == "\r", index < scalars.endIndex, scalars[index] == "\n" { scalars.formIndex(after: &index) }
            if ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"].contains(scalar) { line += 1 }
        }
        index = scalars.index(index, offsetBy: place.column - 1, limitedBy: scalars.endIndex) ?? scalars.endIndex
        return text[index...].unicodeScalars
    }
}
