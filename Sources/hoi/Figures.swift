// Figures in the forms that 'hoi evaluate' prints.
import Terminal

/// How figures are printed.
enum FigureFormat: String, CaseIterable { case table, json, csv }

/// What was measured, in each of the forms.
protocol Figures {
    /// For people.
    var table: [String] { get }
    /// What `--verbs` adds to the table; empty where there is nothing to add.
    var verbTable: [String] { get }
    /// A line a figure.
    var csv: [String] { get }
    /// Everything.
    var json: JSONValue { get }
}

extension Figures {
    var verbTable: [String] { [] }

    /// Prints and writes what the options ask for.
    func say(_ arguments: Arguments) throws -> ExitCode {
        if let path = arguments[EvaluateCommand.report] {
            try CommonOptions.write(json.pretty, to: path)
        }
        switch arguments[EvaluateCommand.format] {
        case .table:
            for line in table { CommonOptions.output(line) }
            guard arguments[EvaluateCommand.verbs], !verbTable.isEmpty else { break }
            CommonOptions.output("")
            for line in verbTable { CommonOptions.output(line) }
        case .json: CommonOptions.output(json.pretty)
        case .csv: for line in csv { CommonOptions.output(line) }
        }
        return .success
    }

    /// A share in percent, to so many decimals.
    static func percent(_ value: Double?, decimals: Int = 2) -> String {
        value.map { fixed(100 * $0, decimals: decimals) } ?? "n/a"
    }

    /// A share in percent as JSON.
    static func number(_ value: Double?) -> JSONValue {
        value.map { .number(100 * $0) } ?? .null
    }

    /// A share in percent for a column; empty where there is none.
    static func cell(_ value: Double?) -> String { value.map { "\(Float(100 * $0))" } ?? "" }
}
