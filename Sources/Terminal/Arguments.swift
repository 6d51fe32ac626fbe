// A command line after parsing, with what a configuration file adds: values by typed key.

/// The values of one command line and of the configuration file that it names.
public struct Arguments: Sendable {
    /// The name of the command they were given to, as in `mwgan enhance`.
    public let command: String
    /// Positional arguments in order, as typed.
    public internal(set) var operands: [String] = []
    /// Whether `--help` was among the options; nothing else is checked then.
    public internal(set) var wantsHelp = false

    var values: [String: any Sendable] = [:]
    /// What was typed for each option that is given, empty texts for flags.
    var texts: [String: [String]] = [:]
    let definition: Command
    private let table: Set<String>

    init(command: String, table: Command) {
        self.command = command
        self.table = Set(table.options.map(\.name))
        definition = table
    }

    /// Whether `--print-config` was among the options: the command is not to run then.
    public var wantsConfiguration: Bool { values[CommonOptions.printConfig.row.name] != nil }

    /// Takes one more text as the value of an option; false if it is not of the type.
    mutating func take(_ text: String, for row: OptionRow) -> Bool {
        let soFar = row.isRepeated ? values[row.name] : nil
        guard let value = row.accumulate(text, soFar) else { return false }
        values[row.name] = value
        if !row.isRepeated { texts[row.name] = nil }
        texts[row.name, default: []].append(text)
        return true
    }

    /// The value of an option, or its default. Traps for an option that the command has not.
    public subscript<Value>(option: Option<Value>) -> Value {
        precondition(table.contains(option.row.name), "\(command) has no --\(option.row.name)")
        guard let box = values[option.row.name] as? Option<Value>.Box else {
            return option.fallback
        }
        return box.value
    }

    /// Whether the option stands on the command line or in the configuration file.
    public func isGiven(_ option: some OptionDeclaring) -> Bool {
        values[option.row.name] != nil
    }

    /// All values of a positional argument; empty if it is optional and was left out. Traps for
    /// an operand that the command has not.
    public subscript(operand: Operand) -> [String] {
        guard let index = definition.operands.firstIndex(of: operand) else {
            preconditionFailure("\(command) has no \(operand.name)")
        }
        guard index < operands.count else { return [] }
        return operand.isVariadic ? Array(operands[index...]) : [operands[index]]
    }
}
