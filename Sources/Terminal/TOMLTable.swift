// A table of a TOML document while it is read, with what is needed to refuse a second definition.

/// A table that grows; a reference, because headers come back to tables from anywhere.
final class TOMLTable {
    /// What brought the table about, and so who may still add to it.
    enum Origin {
        /// A header of its own; no other may follow.
        case header
        /// It only stood on the way of a header; its own may follow.
        case path
        /// Dotted keys; only more of them may add to it.
        case dotted
    }

    private enum Member {
        case value(JSONValue)
        case table(TOMLTable)
        case list(TableList)
    }

    /// The tables of `[[a]]`; a reference, so that one more is not a copy of all.
    private final class TableList {
        var tables: [TOMLTable] = []
    }

    private var origin: Origin
    private var names: [String] = []
    private var members: [String: Member] = [:]

    init(_ origin: Origin) { self.origin = origin }

    func has(_ name: String) -> Bool { members[name] != nil }

    /// Adds a value that no key and no header can change any more.
    func insert(_ value: JSONValue, as name: String) { add(.value(value), as: name) }

    /// The table on the way of a header; nil where the name is a value.
    func passed(_ name: String) -> TOMLTable? {
        switch members[name] {
        case nil: return created(name, .path)
        case .table(let table): return table
        case .list(let list): return list.tables.last
        case .value: return nil
        }
    }

    /// The table that the header `[name]` opens; nil where it was opened before.
    func opened(_ name: String) -> TOMLTable? {
        guard let member = members[name] else { return created(name, .header) }
        guard case .table(let table) = member, table.origin == .path else { return nil }
        table.origin = .header
        return table
    }

    /// One more table of `[[name]]`; nil where the name is something else.
    func appended(_ name: String) -> TOMLTable? {
        let table = TOMLTable(.header)
        switch members[name] {
        case nil:
            let list = TableList()
            list.tables.append(table)
            add(.list(list), as: name)
        case .list(let list): list.tables.append(table)
        case .table, .value: return nil
        }
        return table
    }

    /// The table on the way of a dotted key; nil where anything but such keys made it.
    func dotted(_ name: String) -> TOMLTable? {
        guard let member = members[name] else { return created(name, .dotted) }
        guard case .table(let table) = member, table.origin == .dotted else { return nil }
        return table
    }

    /// The table as a value.
    var value: JSONValue {
        .object(
            names.map { name in
                switch members[name]! {
                case .value(let value): return (name, value)
                case .table(let table): return (name, table.value)
                case .list(let list): return (name, .array(list.tables.map(\.value)))
                }
            })
    }

    private func created(_ name: String, _ origin: Origin) -> TOMLTable {
        let table = TOMLTable(origin)
        add(.table(table), as: name)
        return table
    }

    private func add(_ member: Member, as name: String) {
        names.append(name)
        members[name] = member
    }
}
