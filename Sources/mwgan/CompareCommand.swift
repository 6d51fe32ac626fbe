// mwgan compare: how near a video is to another.
import Batch
import Enhancement
import Quality
import Terminal

/// How figures are written.
enum FigureFormat: String, CaseIterable { case table, json, csv }

enum CompareCommand {
    static let reference = Operand("REF", help: "The pristine original.")
    static let output = Operand("OUT", help: "What is measured against it.")
    static let format = Option.choice(
        "format", default: FigureFormat.table,
        help: "A table of means, or JSON or CSV with every frame.", group: "Output")
    static let file = Option.path(
        "output", short: "o", help: "Write the figures to a file.", group: "Output")

    static let command = Command(
        "compare", summary: "Measure a video against its original: PSNR, SSIM, MS-SSIM.",
        discussion: [
            "Frames are paired by order, and their times are compared. Y, U and V are measured "
                + "separately, per frame and as the mean over frames."
        ],
        operands: [reference, output],
        options: [
            format, file, CommonOptions.threads, CommonOptions.progress, CommonOptions.logFile,
            CommonOptions.verbose, CommonOptions.quiet,
        ],
        examples: [
            Example(
                "mwgan compare original.mkv video.enhanced.mp4 --format csv -o figures.csv",
                "One line a frame.")
        ], action: run)

    static func run(_ arguments: Arguments) throws -> ExitCode {
        let log = try CommonOptions.log(arguments)
        let progress = CommonOptions.progress("compare", total: nil, arguments)
        let result = try VideoComparison(
            reference: arguments[reference][0], test: arguments[output][0],
            threads: CommonOptions.threads(arguments),
            shouldStop: { Signals.isStopRequested }, observe: { progress.update(done: $0) })
        progress.finish()
        if let code = Signals.exitCode { return code }
        guard !result.times.isEmpty else {
            throw PairListError(
                path: arguments[output][0],
                problem: "no frame at the time of a frame of "
                    + arguments[reference][0], code: .badData)
        }
        if result.unpairedReference + result.unpairedTest > 0 {
            log.warning(
                "without a partner at their time: \(result.unpairedReference) frames of "
                    + "\(arguments[reference][0]), \(result.unpairedTest) of "
                    + "\(arguments[output][0])")
        }
        let text: String
        switch arguments[format] {
        case .table: text = table(result).joined(separator: "\n")
        case .json: text = json(result).pretty
        case .csv: text = csv(result).joined(separator: "\n")
        }
        if let path = arguments[file] {
            try CommonOptions.write(text, to: path)
        } else {
            CommonOptions.output(text)
        }
        return .success
    }

    private static let planeNames = ["Y", "U", "V"]

    private static func planes(_ result: VideoComparison) -> [(String, PlaneQuality)] {
        zip(planeNames, 0..<3).compactMap { name, index in
            result.comparison.mean(plane: index).map { (name, $0) }
        }
    }

    private static func table(_ result: VideoComparison) -> [String] {
        var table = Table([
            ("plane", .left), ("PSNR dB", .right), ("SSIM", .right), ("MS-SSIM", .right),
        ])
        for (name, mean) in planes(result) {
            table.append([
                name, mean.psnr == .infinity ? "equal" : fixed(mean.psnr, decimals: 3),
                mean.ssim.map { fixed($0, decimals: 5) } ?? "n/a",
                mean.multiScaleSSIM.map { fixed($0, decimals: 5) } ?? "n/a",
            ])
        }
        return ["\(result.times.count) frames, means of their values"] + table.lines()
    }

    private static func json(_ quality: PlaneQuality) -> JSONValue {
        .object([
            ("psnr", quality.psnr == .infinity ? .string("equal") : .number(quality.psnr)),
            ("ssim", quality.ssim.map(JSONValue.number) ?? .null),
            ("msssim", quality.multiScaleSSIM.map(JSONValue.number) ?? .null),
        ])
    }

    private static func json(_ result: VideoComparison) -> JSONValue {
        let frames = zip(result.times, result.comparison.frames).enumerated().map { index, pair in
            JSONValue.object(
                [("frame", .int(index)), ("time", .number(pair.0))]
                    + zip(planeNames, pair.1.planes).map { ($0.lowercased(), json($1)) })
        }
        return .object([
            ("frames", .int(result.times.count)),
            ("unpairedReference", .int(result.unpairedReference)),
            ("unpairedOutput", .int(result.unpairedTest)),
            ("mean", .object(planes(result).map { ($0.0.lowercased(), json($0.1)) })),
            ("perFrame", .array(frames)),
        ])
    }

    private static func csv(_ result: VideoComparison) -> [String] {
        let count = result.comparison.frames.first?.planes.count ?? 0
        let header = planeNames.prefix(count).flatMap { name in
            ["psnr", "ssim", "msssim"].map { "\($0)_\(name.lowercased())" }
        }
        let rows = zip(result.times, result.comparison.frames).enumerated().map { index, pair in
            let values = pair.1.planes.flatMap { quality -> [String] in
                [
                    quality.psnr == .infinity ? "inf" : "\(quality.psnr)",
                    quality.ssim.map { "\($0)" } ?? "",
                    quality.multiScaleSSIM.map { "\($0)" } ?? "",
                ]
            }
            return (["\(index)", fixed(pair.0, decimals: 6)] + values).joined(separator: ",")
        }
        return [(["frame", "time"] + header).joined(separator: ",")] + rows
    }
}
