// hoi models: which weights there are, and taking over those of others.
import Interaction
import Networks
import Terminal

enum ModelsCommand {
    static let action = Operand(
        "import FILE", help: "Nothing lists the models; import takes over a detector's weights.",
        isOptional: true, isVariadic: true, completion: .wordsOrFile(["import"]))
    static let output = Option.path(
        "output", short: "o", placeholder: "FILE.safetensors",
        help: "Where imported weights go; the same name as .safetensors.", group: "Import")
    static let input = Option<DetectorInput?>(
        "input", placeholder: "INPUT", fallback: nil,
        expectation: DetectorInput.allCases.map(\.rawValue).joined(separator: ", "),
        help:
            "What the weights expect to see: rgb-normalised for those of YOLOX 0.1.0, bgr-255 for "
            + "later ones. A .pth does not say it, and is taken for a later one.",
        group: "Import", completion: .words(DetectorInput.allCases.map(\.rawValue))
    ) { text, _ in DetectorInput(rawValue: text).map(Optional.some) }

    static let command = Command(
        "models", summary: "List the models, or import a detector's weights.",
        discussion: [
            "Nothing that an imported file says is run: whatever in it is not a plain tensor is "
                + "refused by name. Batch norm is folded into the weights."
        ], operands: [action],
        options: [
            output, input, CommonOptions.verbose, CommonOptions.quiet,
        ],
        examples: [
            Example("hoi models", "Names, kinds and files."),
            Example(
                "hoi models import yolox_s.pth -o detector.safetensors",
                "A larger detector: github.com/Megvii-BaseDetection/YOLOX has the files."),
        ], action: run)

    static func run(_ arguments: Arguments) throws -> ExitCode {
        let words = arguments[action]
        guard let first = words.first else {
            list()
            return .success
        }
        guard first == "import" else {
            throw UsageError.nonsense(
                "\(first): 'hoi models' lists, 'hoi models import FILE' imports")
        }
        guard words.count == 2 else { throw UsageError.nonsense("import: one file is wanted") }
        let name = words[1].split(separator: "/").last.map(String.init) ?? words[1]
        let stem = name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
        let target = arguments[output] ?? "\(stem).safetensors"
        let weights = try DetectorWeights(contentsOf: words[1], input: arguments[input])
        try weights.write(
            to: target, metadata: ["percept.kind": "detector", "percept.origin": name])
        CommonOptions.output(target)
        return .success
    }

    /// Heads and detectors in the folders of models.
    private static func list() {
        var table = Table([("model", .left), ("kind", .left), ("file", .left)])
        for (name, path) in ModelCatalogue.current.files {
            guard let file = try? Safetensors(contentsOf: path) else { continue }
            let kind = file.metadata["percept.kind"]
            if kind == "predicate head" {
                table.append([name, "verbs", path])
            } else if kind == "detector" || (try? YOLOX(matching: file)) != nil {
                table.append([name, "detector", path])
            }
        }
        for line in table.lines() { CommonOptions.output(line) }
    }
}
