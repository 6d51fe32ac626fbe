// percept-lab list: which claims can be measured.
import Laboratory
import Terminal

enum ListCommand {
    static let command = Command(
        "list", summary: "Say which claims can be measured.",
        discussion: ["For each experiment: its name, what the paper claims, and where."],
        examples: [Example("percept-lab list", "Names for 'percept-lab run'.")], action: run)

    static func run(_ arguments: Arguments) throws -> ExitCode {
        let style = Style(isTerminal: isTerminal(1))
        for (index, experiment) in Laboratory.experiments.enumerated() {
            if index > 0 { CommonOptions.output("") }
            for line in ResultText.heading(experiment, width: textWidth, style: style) {
                CommonOptions.output(line)
            }
        }
        return .success
    }
}

/// Columns for text on standard output: what lies beyond a hundred is hard to read.
var textWidth: Int { isTerminal(1) ? min(terminalWidth(of: 1), 100) : 80 }
