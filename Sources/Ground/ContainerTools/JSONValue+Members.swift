import Documents

extension JSONValue {
    /// The members of an object; nil for anything else.
    var members: [Member]? {
        if case .object(let members) = self { members } else { nil }
    }

    /// The text; nil for anything else.
    var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// Yes or no; nil for anything else.
    var bool: Bool? {
        if case .bool(let bool) = self { bool } else { nil }
    }

    /// The items, where this is a list of texts.
    var texts: [String]? {
        guard case .array(let items) = self else { return nil }
        let texts = items.compactMap(\.text)
        return texts.count == items.count ? texts : nil
    }

    /// Puts a value under a name: where the name stands already, or behind all others; nil takes the name away.
    ///
    /// Does nothing to what is no object.
    mutating func set(_ name: String, to value: JSONValue?) {
        guard case .object(var members) = self else { return }
        let index = members.firstIndex { $0.name == name }
        switch (index, value) {
        case (let index?, let value?): members[index].value = value
        case (let index?, nil): members.remove(at: index)
        case (nil, let value?): members.append(Member(name, value))
        case (nil, nil): break
        }
        self = .object(members)
    }
}
