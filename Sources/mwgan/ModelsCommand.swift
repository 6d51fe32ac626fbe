// mwgan models: which weights there are and where they lie.
import Batch
import Enhancement
import Networks
import Terminal

enum ModelsCommand {
    static let action = Operand(
        "import FILE.pth | calibrate MODEL PAIRS | gate MODEL ZERO:FULL",
        help: "Make a model of weights that torch.save wrote, make one ready for int8, or say from "
            + "which luma step on one helps.",
        isOptional: true, isVariadic: true,
        completion: .wordsOrFile(["import", "calibrate", "gate"]))
    static let json = Option.flag("json", help: "Print JSON.", group: "Output")
    static let output = Option.path(
        "output", short: "o", placeholder: "FILE.safetensors",
        help: "Where the weights go; FILE.safetensors or MODEL.safetensors.", group: "Output")

    static let command = Command(
        "models", summary: "List the models, import weights, calibrate for int8, or set a gate.",
        discussion: [
            "Weights are looked up in $PERCEPT_MODELS, then beside the program, then in "
                + "../share/percept/models.",
            "An imported file is read without running anything of it: whatever is not a plain "
                + "tensor of a dictionary is refused by its name.",
            "Calibration measures what int8 must know on the training pairs of a folder with "
                + "pairs.jsonl, and on those for choosing how much is lost. The weights stay as they "
                + "are; the ranges are written beside them.",
            "A gate says from which mean luma step of a frame on the weights help, and from which "
                + "on wholly ('mwgan evaluate --gate 0:0' shows it); finer frames are left alone.",
        ], operands: [action],
        options: [
            json, output, CommonOptions.threads, CommonOptions.progress, CommonOptions.logFile,
            CommonOptions.verbose, CommonOptions.quiet,
        ],
        examples: [
            Example("mwgan models import MWGAN.pth -o mwgan.safetensors", "Weights of others."),
            Example("mwgan enhance --model mwgan.safetensors video.mp4", "And their use."),
            Example(
                "mwgan models calibrate my.safetensors pairs/ -o my8.safetensors",
                "Weights of your own, ready for int8."),
            Example(
                "mwgan models gate my.safetensors 6:20 -o mine.safetensors",
                "Weights that help from a luma step of 6 on, and wholly from 20 on."),
        ], action: run)

    static func run(_ arguments: Arguments) throws -> ExitCode {
        switch arguments[action].first {
        case "calibrate": return try ModelsCalibration.run(arguments)
        case "gate": return try ModelsGate.run(arguments)
        case .some: return try convert(arguments)
        case nil: break
        }
        let catalogue = ModelCatalogue.current
        var table = Table([
            ("model", .left), ("weights", .right), ("kMAC/pixel", .right), ("balance", .left),
            ("sha256", .left), ("path", .left),
        ])
        var list: [JSONValue] = []
        var isSound = true
        for entry in catalogue.models {
            do {
                let loaded = try LoadedModel(entry.path)
                let model = loaded.model
                let weights = model.parameters.reduce(0) { $0 + $1.tensor.shape.count }
                let digest = try SHA256(ofFile: entry.path).hexadecimal
                let cost = fixed(Double(model.executedProducts) / 1000, decimals: 2)
                table.append([
                    entry.name, "\(weights)", cost, model.isBalanced ? "0-1" : "0",
                    arguments[CommonOptions.verbose] > 0 ? digest : String(digest.prefix(12)),
                    entry.path,
                ])
                let facts = model.metadata.sorted { $0.key < $1.key }
                list.append(
                    .object([
                        ("name", .string(entry.name)), ("path", .string(entry.path)),
                        ("sha256", .string(digest)),
                        ("perceptual", try loaded.perceptualJSON()), ("weights", .int(weights)),
                        ("metadata", .object(facts.map { ($0.key, .string($0.value)) })),
                    ]))
            } catch {
                isSound = false
                Log().error("\(error)")
            }
        }
        if arguments[json] {
            CommonOptions.output(JSONValue.array(list).pretty)
        } else if list.isEmpty {
            throw ModelNotFound(model: "live", folders: catalogue.folders)
        } else {
            for line in table.lines() { CommonOptions.output(line) }
        }
        return isSound ? .success : .badData
    }

    /// Reads a file of PyTorch's and writes it as a model.
    private static func convert(_ arguments: Arguments) throws -> ExitCode {
        guard arguments[action][0] == "import" else {
            throw UsageError.nonsense(
                "\(arguments[action][0]): 'mwgan models' lists, "
                    + "'mwgan models import FILE.pth' imports, "
                    + "'mwgan models calibrate MODEL PAIRS' calibrates, "
                    + "'mwgan models gate MODEL ZERO:FULL' sets the gate")
        }
        guard arguments[action].count == 2 else {
            throw UsageError.nonsense("import: one file is wanted")
        }
        let path = arguments[action][1]
        let last = path.split(separator: "/").last.map(String.init) ?? path
        let stem = last.split(separator: ".").first.map(String.init) ?? "reference"
        let model = try ReferenceModel(PyTorchFile(contentsOf: path), name: stem)
        let target = arguments[output] ?? "\(stem).safetensors"
        try model.write(to: target)
        CommonOptions.output(target)
        return .success
    }
}
