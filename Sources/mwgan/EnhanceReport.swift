// What a finished enhancement has to say: a table for people, JSON for programs.
import Batch
import Compute
import Enhancement
import Media
import Policy
import Terminal

struct EnhanceReport {
    let item: JobItem
    let arguments: Arguments
    let precision: Precision
    let job: VideoJob
    let result: VideoJobResult
    let meter: GainMeter?
    let plan: JobPlan?

    private var fps: Double {
        Double(result.outcome.framesOut) / max(result.outcome.elapsed, 1e-9)
    }

    /// `120 frames at 25.3 frames/s; 1.20 MB became 2.30 MB`
    var summary: String {
        "\(result.outcome.framesOut) frames at \(fixed(fps, decimals: 1)) frames/s; "
            + "\(humanBytes(result.bytesIn)) became \(humanBytes(result.bytesOut))"
    }

    /// Frames, speed, bytes and gain; empty without a reference.
    var table: [String] {
        guard let meter else { return [] }
        var table = Table(alignments: [.left, .left])
        table.append(["frames", "\(result.outcome.framesOut)"])
        table.append(["frames/s", fixed(fps, decimals: 1)])
        table.append(["bytes in", humanBytes(result.bytesIn)])
        table.append(["bytes out", humanBytes(result.bytesOut)])
        table.append(["input PSNR", decibels(meter.input.means, signed: false)])
        table.append(["gain, enhanced frames", decibels(meter.gain(of: meter.enhanced))])
        table.append(["gain, delivered file", decibels(meter.gain(of: meter.delivered))])
        return table.lines()
    }

    private func decibels(_ values: [Double], signed: Bool = true) -> String {
        zip(["Y", "U", "V"], values).map { name, value in
            "\(name) \(signed && value >= 0 ? "+" : "")\(fixed(value, decimals: 2))"
        }.joined(separator: "  ") + " dB"
    }

    func json(model: LoadedModel?) throws -> JSONValue {
        let outcome = result.outcome
        var members: [(String, JSONValue)] = [
            ("input", .string(item.input)), ("output", .string(item.output)),
            ("versions", EnhanceReport.versions),
            ("model", try model?.json() ?? .null), ("options", options),
            ("framesIn", .int(outcome.framesIn)), ("framesOut", .int(outcome.framesOut)),
            ("framesRepeated", .int(outcome.repeated)), ("framesRecalled", .int(outcome.recalled)),
            ("framesConcealed", .int(result.concealed)),
            ("losses", losses),
            ("encoder", result.encoder.map(JSONValue.string) ?? .null),
            (
                "encoderOptions",
                .object(result.encoderOptions.map { ($0.key, .string($0.value)) })
            ),
            ("fields", .string(job.fieldPattern.rawValue)),
            ("truncated", job.truncation.map(JSONValue.string) ?? .null),
            (
                "streamsLeftOut",
                .array((job.streams?.leftOut ?? []).map { .string($0.description) })
            ),
            (
                "warnings",
                .array(((job.streams?.warnings ?? []) + result.warnings).map(JSONValue.string))
            ),
            ("seconds", .number(outcome.elapsed)), ("fps", .number(fps)),
            ("peakMemoryBytes", .int(Int(Machine.peakMemory))),
            ("bytesIn", .int(Int(result.bytesIn))), ("bytesOut", .int(Int(result.bytesOut))),
            (
                "time",
                .object([
                    ("decodingThread", .number(outcome.decoding)),
                    ("encodingThread", .number(outcome.encoding)),
                    ("motion", .number(outcome.times.motion)),
                    ("packets", .number(outcome.times.packets)),
                    ("network", .number(outcome.times.network)),
                    ("waitedForDecoder", .number(outcome.waitedForDecoder)),
                    ("waitedForEncoder", .number(outcome.waitedForEncoder)),
                ])
            ),
        ]
        if let plan { members.append(("plan", plan.json)) }
        if let meter { members.append(("gain", gains(meter))) }
        return .object(members)
    }

    /// What was never decoded, and what was done about it.
    private var losses: JSONValue {
        let lost = result.losses
        let conceal = arguments[EnhanceCommand.conceal]
        return .object([
            ("conceal", .string(conceal.rawValue)),
            ("filled", .bool(job.fillsLosses && !lost.isEmpty)),
            ("lostFrames", .int(lost.lostFrames)), ("lostBlocks", .int(lost.lostCells)),
            ("dependentFrames", .int(lost.frames - lost.lostFrames)),
            ("dependentBlocks", .int(lost.touchedCells)), ("blockSize", .int(LossMap.cell)),
            ("spans", .array(lost.spans.map(\.json))),
        ])
    }

    private func gains(_ meter: GainMeter) -> JSONValue {
        func planes(_ values: [Double]) -> JSONValue {
            .object(Array(zip(["y", "u", "v"], values.map(JSONValue.number))))
        }
        return .object([
            ("frames", .int(meter.input.frameCount)), ("inputPSNR", planes(meter.input.means)),
            ("enhanced", planes(meter.gain(of: meter.enhanced))),
            ("delivered", planes(meter.gain(of: meter.delivered))),
        ])
    }

    /// What was asked for, as far as reports name it.
    private var options: JSONValue {
        guard case .object(let members) = Self.options(arguments, precision) else { return .null }
        return .object(members + [("threads", .int(CommonOptions.threads(arguments)))])
    }

    /// What changes the result of what was asked for.
    static func options(_ arguments: Arguments, _ precision: Precision) -> JSONValue {
        .object([
            ("strength", .number(arguments[EnhanceCommand.strength])),
            ("balance", .string("\(arguments[CommonOptions.balance])")),
            ("memory", .string(arguments[CommonOptions.memory].rawValue)),
            ("precision", .string(precision.rawValue)),
            ("start", arguments[EnhanceCommand.start].map(JSONValue.number) ?? .null),
            ("end", arguments[EnhanceCommand.end].map(JSONValue.number) ?? .null),
            ("crf", arguments[EnhanceCommand.crf].map(JSONValue.number) ?? .null),
            ("size", .string("\(arguments[EnhanceCommand.size])")),
            ("depth", arguments[EnhanceCommand.depth].map(JSONValue.int) ?? .null),
        ])
    }

    static let versions = JSONValue.object([
        ("mwgan", .string(MWGAN.version)), ("onednn", .string(Processor.libraryVersion)),
        ("processor", .string(Processor.name)),
    ])
}
