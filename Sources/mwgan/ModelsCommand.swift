// mwgan models: which weights there are and where they lie.
import Enhancement
import Networks
import Terminal

enum ModelsCommand {
    static let json = Option.flag("json", help: "Print JSON.", group: "Output")

    static let command = Command(
        "models", summary: "List the models and where their weights were found.",
        discussion: [
            "Weights are looked up in $PERCEPT_MODELS, then beside the program, then in "
                + "../share/percept/models."
        ],
        options: [json, CommonOptions.verbose, CommonOptions.quiet], action: run)

    static func run(_ arguments: Arguments) throws -> ExitCode {
        let catalogue = ModelCatalogue.current
        var table = Table([
            ("model", .left), ("weights", .right), ("kMAC/pixel", .right), ("sha256", .left),
            ("path", .left),
        ])
        var list: [JSONValue] = []
        var isSound = true
        for entry in catalogue.models {
            do {
                let loaded = try LoadedModel(entry.path)
                let model = loaded.model
                let weights = model.parameters.reduce(0) { $0 + $1.tensor.shape.count }
                let digest = try SHA256(ofFile: entry.path).hexadecimal
                let cost = fixed(Double(model.generator.shape.executedProducts) / 1000, decimals: 2)
                table.append([
                    entry.name, "\(weights)", cost,
                    arguments[CommonOptions.verbose] > 0 ? digest : String(digest.prefix(12)),
                    entry.path,
                ])
                let facts = model.metadata.sorted { $0.key < $1.key }
                list.append(
                    .object([
                        ("name", .string(entry.name)), ("path", .string(entry.path)),
                        ("sha256", .string(digest)), ("weights", .int(weights)),
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
}
