import Yams

extension YAMLDocument {
    /// Reads all documents of a file; one that is empty is passed over.
    ///
    /// - Parameters:
    ///   - bytes: YAML in UTF-8, at most ``byteCountMax`` bytes.
    ///   - name: what problems are reported under.
    /// - Returns: the documents in their order.
    /// - Throws: ``Problem``.
    public static func read(_ bytes: some Sequence<UInt8>, named name: String) throws(Problem) -> [YAMLDocument] {
        let bytes = Array(bytes)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            let lines = bytes.prefix(validUTF8Count(bytes)).split(separator: 0x0a, omittingEmptySubsequences: false)
            let column = String(decoding: lines.last ?? [], as: UTF8.self).unicodeScalars.count + 1
            let sentence = "this is not UTF-8 text: save the file as UTF-8"
            throw Problem(name: name, place: Place(line: lines.count, column: column), sentence: sentence)
        }
        return try read(text, named: name)
    }

    /// Reads all documents of a text; one that is empty is passed over.
    ///
    /// Anchors and aliases are refused: a few lines of them can stand for more than any memory holds.
    public static func read(_ text: String, named name: String) throws(Problem) -> [YAMLDocument] {
        guard text.utf8.count <= byteCountMax else {
            let sentence = "there are more than \(byteCountMax >> 20) MiB: divide it into several files"
            throw Problem(name: name, place: nil, sentence: sentence)
        }
        var text = text
        if text.unicodeScalars.first == "\u{feff}" { text.unicodeScalars.removeFirst() }
        let reading = YAMLReading(name: name, text: text)
        if text.utf8.contains(UInt8(ascii: "&")) {
            // The parser compares keys, and would follow every alias in them. An anchor becomes a tag first, which may
            // stand wherever an anchor may: so the text has no anchor, and no alias is known.
            let bytes = text.utf8.map { $0 == UInt8(ascii: "&") ? UInt8(ascii: "!") : $0 }
            _ = try reading.documents(composedFrom: String(decoding: bytes, as: UTF8.self))
        }
        return try reading.documents(composedFrom: text)
    }

    private static func validUTF8Count(_ bytes: [UInt8]) -> Int {
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        var count = 0
        while case .scalarValue(let scalar) = decoder.decode(&iterator) { count += UTF8.width(scalar) }
        return count
    }
}

/// One reading of a text.
private struct YAMLReading {
    typealias Problem = YAMLDocument.Problem
    typealias Place = YAMLDocument.Place

    let name: String
    let text: String

    private func problem(_ place: Place?, _ sentence: String) -> Problem {
        Problem(name: name, place: place, sentence: sentence)
    }

    /// The documents of a text that has its parts where ``text`` has them.
    func documents(composedFrom text: String) throws(Problem) -> [YAMLDocument] {
        var documents: [YAMLDocument] = []
        do {
            let parser = try Parser(yaml: text, encoding: .utf8)
            while let root = try parser.nextRoot() {
                let node = try node(root, depth: 0)
                if case .scalar(let scalar) = node.content, scalar.isNull { continue }
                documents.append(YAMLDocument(name: name, root: node))
            }
        } catch let error as YamlError {
            let explanation = YAMLExplanation(of: error, in: self.text)
            throw problem(explanation.place, explanation.sentence)
        } catch let problem as Problem {
            throw problem
        } catch {
            throw problem(nil, "this is not valid YAML: \(error)")
        }
        return documents
    }

    private func node(_ node: Node, depth: Int) throws(Problem) -> YAMLDocument.Node {
        let place = Place(node.mark)
        guard depth <= JSONValue.depthMax else {
            throw problem(place, YAMLExplanation.tooDeep)
        }
        switch node {
        case .scalar(let scalar):
            try refuse(scalar.tag, at: place)
            let isText = [Tag.Name.str.rawValue, Tag.Name.nonSpecific.rawValue].contains(scalar.tag.rawValue)
            let isQuoted = scalar.style != .plain || isText
            return .init(place: place, content: .scalar(.init(text: scalar.string, isQuoted: isQuoted)))
        case .sequence(let items):
            try refuse(items.tag, at: place)
            var nodes: [YAMLDocument.Node] = []
            for item in items { nodes.append(try self.node(item, depth: depth + 1)) }
            return .init(place: place, content: .list(nodes))
        case .mapping(let pairs):
            try refuse(pairs.tag, at: place)
            return .init(place: place, content: .mapping(try entries(pairs, depth: depth + 1)))
        case .alias:
            throw problem(place, YAMLExplanation.alias)
        }
    }

    private func entries(_ pairs: Node.Mapping, depth: Int) throws(Problem) -> [YAMLDocument.Entry] {
        var entries: [YAMLDocument.Entry] = []
        var lines: [String: Int] = [:]
        for (key, value) in pairs {
            let place = Place(key.mark)
            guard let key = key.scalar else { throw problem(place, "a key must be a text, not a list or a mapping") }
            // The parser has put other tags on keys to compare them; those that somebody wrote begin so.
            if key.tag.rawValue.hasPrefix("!") { try refuse(key.tag, at: place) }
            guard !key.string.isEmpty || key.style != .plain else {
                throw problem(place, "a key is missing before the colon: write KEY: VALUE")
            }
            if let line = lines.updateValue(place.line, forKey: key.string) {
                throw problem(place, "the key \(key.string) stands in line \(line) already: keep one of them")
            }
            entries.append(.init(name: key.string, place: place, value: try node(value, depth: depth)))
        }
        return entries
    }

    /// Nothing but the tags that say what is seen anyway is taken.
    private func refuse(_ tag: Tag, at place: Place) throws(Problem) {
        let known: [Tag.Name] = [.implicit, .nonSpecific, .str, .seq, .map]
        let tag = tag.rawValue
        if known.contains(where: { $0.rawValue == tag }) { return }
        guard YAMLExplanation.rest(of: text, from: place).first != "&" else {
            throw problem(place, YAMLExplanation.alias)
        }
        throw problem(place, "a tag such as \(tag) is not taken: leave it out, and write texts in quotes")
    }
}

extension YAMLDocument.Place {
    /// A place as the parser counts; the start for what it has no place for.
    init(_ mark: Mark?) {
        self.init(line: mark?.line ?? 1, column: mark?.column ?? 1)
    }
}
