import Documents

// Names are compared by their bytes: String compares by canonical equivalence, which is not what JSON means.
extension JSONValue {
    /// What stands under a name; nil for `null` too, as Go writes what is not there.
    func member(_ name: String) -> JSONValue? {
        guard case .object(let members) = self,
            let value = members.first(where: { $0.name.utf8.elementsEqual(name.utf8) })?.value, value != .null
        else { return nil }
        return value
    }

    /// Puts a value under a name, where it stood before or at the end; nil takes the name away.
    mutating func set(_ name: String, to value: JSONValue?) {
        var members = members ?? []
        let index = members.firstIndex { $0.name.utf8.elementsEqual(name.utf8) }
        switch (index, value) {
        case (let index?, let value?): members[index].value = value
        case (let index?, nil): members.remove(at: index)
        case (nil, let value?): members.append(Member(name, value))
        case (nil, nil): break
        }
        self = .object(members)
    }

    /// The members of an object; nil for anything else.
    var members: [Member]? {
        guard case .object(let members) = self else { return nil }
        return members
    }

    /// The items of a list; nil for anything else.
    var items: [JSONValue]? {
        guard case .array(let items) = self else { return nil }
        return items
    }

    /// The text; nil for anything else.
    var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// The texts of a list of nothing but texts; nil for anything else.
    var texts: [String]? {
        guard let items else { return nil }
        let texts = items.compactMap(\.text)
        return texts.count == items.count ? texts : nil
    }

    /// A list of texts.
    static func texts(_ texts: [String]) -> JSONValue {
        .array(texts.map { .string($0) })
    }
}
