// hoi export: a detector as ONNX.
import Interaction
import Networks
import Terminal

enum ExportCommand {
    static let detector = Operand(
        "DETECTOR", help: "A name that 'hoi models' lists, or a file of weights.",
        completion: .file)
    static let output = Option.path(
        "output", short: "o", placeholder: "FILE.onnx", help: "Where to write; detector.onnx.",
        group: "Output")
    static let side = Option.integer(
        "side", in: 32...8192, default: 416, help: "Side of the pictures, a multiple of 32.",
        group: "Shape")

    static let command = Command(
        "export", summary: "Write a detector's network as ONNX (opset 17).",
        discussion: [
            "Input 'picture' is [1, 3, side, side] of what the weights expect (percept.input), output "
                + "'candidates' [1, cells, 85]: x and y of the centre within its cell and logarithms of "
                + "width and height, in strides; objectness; 80 scores."
        ], operands: [detector],
        options: [
            output, side, CommonOptions.logFile, CommonOptions.verbose, CommonOptions.quiet,
        ],
        examples: [Example("hoi export detector -o detector.onnx", "For other runtimes.")],
        action: run)

    static func run(_ arguments: Arguments) throws -> ExitCode {
        let side = try FindingOptions.side(arguments, side)
        let file = try DetectRun.weights(
            arguments[detector][0], advice: "'hoi models' lists what there is")
        let weights = try DetectorWeights(contentsOf: file)
        let path = arguments[output] ?? "detector.onnx"
        try weights.writeONNX(to: path, side: side)
        CommonOptions.output(path)
        return .success
    }
}
