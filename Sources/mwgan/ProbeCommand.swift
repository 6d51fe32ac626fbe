// mwgan probe: what a file is, how damaged, and what enhance would do with it.
import Batch
import Enhancement
import Media
import Terminal

enum ProbeCommand {
    static let inputs = Operand("INPUT", help: "Videos or pictures.", isVariadic: true)
    static let json = Option.flag("json", help: "Print JSON.", group: "Output")

    static let command = Command(
        "probe", summary: "Say what a file is, how damaged, and what enhance would do.",
        operands: [inputs],
        options: [
            json, CommonOptions.model, CommonOptions.logFile, CommonOptions.verbose,
            CommonOptions.quiet,
        ],
        examples: [Example("mwgan probe video.mp4", "Streams, quantisers, estimated damage.")],
        action: run)

    static func run(_ arguments: Arguments) throws -> ExitCode {
        let log = try CommonOptions.log(arguments)
        var all: [JSONValue] = []
        var failures = 0
        for path in arguments[inputs] {
            do {
                let facts = try facts(path)
                all.append(.object([("input", .string(path))] + facts.map { ($0.0, $0.2) }))
                guard !arguments[json] else { continue }
                CommonOptions.output(path)
                var table = Table(alignments: [.left, .left])
                for fact in facts { table.append(["  " + fact.0, fact.1]) }
                for line in table.lines() { CommonOptions.output(line) }
            } catch let error where arguments[inputs].count > 1 {
                failures += 1
                log.error("\(error)")
            }
        }
        if arguments[json] {
            CommonOptions.output((all.count == 1 ? all[0] : .array(all)).pretty)
        }
        return failures == 0 ? .success : .someFailed
    }

    private typealias Fact = (String, String, JSONValue)

    private static func facts(_ path: String) throws -> [Fact] {
        let source = try openSource(path: path, frameRate: Rational(25, 1))
        var facts: [Fact] = []
        func add(_ name: String, _ text: String, _ value: JSONValue? = nil) {
            facts.append((name, text, value ?? .string(text)))
        }
        if let reader = source as? VideoReader {
            let info = reader.source.info
            add("container", info.formatLongName)
            if let seconds = info.duration {
                add("duration", clockTime(seconds), .number(seconds))
            }
            add("bytes", humanBytes(info.byteCount), .int(Int(info.byteCount)))
            for stream in info.streams {
                add("stream \(stream.index)", words(stream))
            }
        }
        let format = source.format
        add(
            "picture",
            "\(source.width)x\(source.height), \(format.sampling.rawValue), "
                + "\(format.depth) bits\(format.hasAlpha ? ", alpha" : "")")
        if source.frameRate.value > 0 {
            add(
                "frame rate", fixed(source.frameRate.value, decimals: 3),
                .number(source.frameRate.value))
        }
        if let conversion = source.conversion { add("conversion", conversion) }
        let damage = try DamageReport(source)
        if let step = damage.declaredStep, let range = damage.quantisers {
            add(
                "quantisers",
                "\(fixed(Double(range.lowerBound), decimals: 0)) to "
                    + "\(fixed(Double(range.upperBound), decimals: 0)), mean luma step "
                    + fixed(step, decimals: 1), .number(step))
        }
        add(
            "blind look",
            "luma step about \(fixed(damage.blindStep, decimals: 1)) (off by a "
                + "factor of 2 either way), block edges \(fixed(damage.blockiness, decimals: 2))",
            .number(damage.blindStep))
        add("damage", damage.words)
        add("enhance", plan(path))
        return facts
    }

    private static func words(_ stream: StreamInfo) -> String {
        var parts = [stream.kind.rawValue, stream.codec]
        if let rate = stream.bitRate { parts.append(humanBitrate(Double(rate))) }
        if let language = stream.language { parts.append(language) }
        return parts.joined(separator: ", ")
    }

    /// What `enhance` would do at default options, or why it would not.
    private static func plan(_ path: String) -> String {
        let output = defaultOutput(for: path, isStill: MediaName.isPicture(path))
        var request = VideoJobRequest(input: path, output: output)
        request.overwrite = .replace
        request.frameRate = Rational(25, 1)
        do {
            let job = try VideoJob(request)
            var parts = ["writes \(output)"]
            if let bytes = job.expectedBytes { parts.append("at most \(humanBytes(bytes))") }
            if job.fieldPattern != .progressive { parts.append("fields as pictures") }
            parts += job.streams?.warnings ?? []
            return parts.joined(separator: "; ")
        } catch {
            return "would refuse: \(error)"
        }
    }
}
