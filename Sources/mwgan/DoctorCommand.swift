// mwgan doctor: what this machine has, what is missing and how to get it.
import Compute
import Enhancement
import Media
import Networks
import Terminal

enum DoctorCommand {
    static let json = Option.flag("json", help: "Print JSON.", group: "Output")

    static let command = Command(
        "doctor", summary: "Check libraries, processor, models and what is missing.",
        discussion: ["Exits with 69 if something that enhance needs is missing."],
        options: [json, CommonOptions.verbose, CommonOptions.quiet], action: run)

    static func run(_ arguments: Arguments) throws -> ExitCode {
        var facts: [(String, String)] = [("mwgan", MWGAN.version)]
        facts += MediaLibraries.versions.map { ($0.name, $0.version) }
        facts.append(("oneDNN", Processor.libraryVersion))
        facts.append(("processor", Processor.name))
        facts.append(("precision", Precision.automatic.rawValue))
        facts.append(("8-bit products", Processor.hasVNNI ? "yes" : "no"))
        facts.append(("threads", "\(Machine.coreCount)"))
        var missing: [(what: String, advice: String)] = []
        for encoder in Encoder.allCases {
            let isThere = MediaLibraries.has(encoder)
            facts.append(("encoder \(encoder.rawValue)", isThere ? "yes" : "missing"))
            if !isThere {
                missing.append(
                    ("encoder \(encoder.rawValue)", "apt-get install libavcodec-extra ffmpeg"))
            }
        }
        let models = ModelCatalogue.current.models
        for model in models { facts.append(("model \(model.name)", model.path)) }
        if !models.contains(where: { $0.name == "live" }) {
            missing.append(
                (
                    "model live",
                    "put live.safetensors into "
                        + (ModelCatalogue.current.folders.first ?? "$PERCEPT_MODELS")
                ))
        }
        report(facts, missing, asJSON: arguments[json])
        let isVital = missing.contains { ["model live", "encoder libx264"].contains($0.what) }
        return isVital ? .unavailable : .success
    }

    private static func report(
        _ facts: [(String, String)], _ missing: [(what: String, advice: String)], asJSON: Bool
    ) {
        if asJSON {
            let value = JSONValue.object([
                ("facts", .object(facts.map { ($0.0, .string($0.1)) })),
                ("missing", .object(missing.map { ($0.what, .string($0.advice)) })),
            ])
            CommonOptions.output(value.pretty)
            return
        }
        var table = Table(alignments: [.left, .left])
        for fact in facts { table.append([fact.0, fact.1]) }
        for line in table.lines() { CommonOptions.output(line) }
        for item in missing { CommonOptions.output("missing: \(item.what); \(item.advice)") }
        if missing.isEmpty { CommonOptions.output("nothing is missing") }
    }
}
