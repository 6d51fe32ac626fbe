// A command line after parsing: values by typed key.

/// The values of one command line.
public struct Arguments: Sendable {
    /// The name of the command they were given to, as in `mwgan enhance`.
    public let command: String
    /// Positional arguments in order, as typed.
    public internal(set) var operands: [String] = []
    /// Whether `--help` was among the options; nothing else is checked then.
    public internal(set) var wantsHelp = false

    var values: [String: any Sendable] = [:]
    let table: Set<String>
    let operandTable: [Operand]

    init(command: String, table: Command) {
        self.command = command
        self.table = Set(table.options.map(\.name))
        operandTable = table.operands
    }

    /// The value of an option, or its default. Traps for an option that the command has not.
    public subscript<Value>(option: Option<Value>) -> Value {
        precondition(table.contains(option.row.name), "\(command) has no --\(option.row.name)")
        guard let box = values[option.row.name] as? Option<Value>.Box else {
            return option.fallback
        }
        return box.value
    }

    /// Whether the option stands on the command line.
    public func isGiven(_ option: some OptionDeclaring) -> Bool {
        values[option.row.name] != nil
    }

    /// All values of a positional argument; empty if it is optional and was left out. Traps for
    /// an operand that the command has not.
    public subscript(operand: Operand) -> [String] {
        guard let index = operandTable.firstIndex(of: operand) else {
            preconditionFailure("\(command) has no \(operand.name)")
        }
        guard index < operands.count else { return [] }
        return operand.isVariadic ? Array(operands[index...]) : [operands[index]]
    }
}
