// mwgan export: a model as ONNX.
import Batch
import Enhancement
import Networks
import Terminal

enum ExportCommand {
    static let model = Operand(
        "MODEL", help: "A name that 'mwgan models' lists, or a .safetensors file.",
        completion: CommonOptions.modelNames)
    static let output = Option.path(
        "output", short: "o", placeholder: "FILE.onnx", help: "Where to write; MODEL.onnx.",
        group: "Output")
    static let width = Option.integer(
        "width", in: 16...8192, default: 1280, help: "Width of the video in pixels.",
        group: "Shape")
    static let height = Option.integer(
        "height", in: 16...8192, default: 720, help: "Height of the video in pixels.",
        group: "Shape")

    static let command = Command(
        "export", summary: "Write a model's network as ONNX (opset 17).", operands: [model],
        options: [
            output, width, height, CommonOptions.logFile, CommonOptions.verbose,
            CommonOptions.quiet,
        ],
        examples: [Example("mwgan export live -o live.onnx", "For other runtimes.")], action: run)

    static func run(_ arguments: Arguments) throws -> ExitCode {
        let loaded = try LoadedModel(arguments[model][0])
        let path = arguments[output] ?? "\(loaded.model.name).onnx"
        let input = loaded.model.input(width: arguments[width], height: arguments[height])
        try loaded.model.graph.writeONNX(
            to: path, parameters: loaded.model.parameters,
            inputs: [input.name: input.shape.map { .fixed($0) }], name: loaded.model.name,
            metadata: loaded.model.metadata)
        CommonOptions.output(path)
        return .success
    }
}
