// From a command line to the plan of a batch.
import Batch
import Enhancement
import Media
import Terminal

struct Planning {
    let arguments: Arguments
    let log: Log
    let folder: OutputFolder
    let loaded: LoadedModel?
    let options: BatchOptions

    init(_ arguments: Arguments, _ log: Log) throws {
        self.arguments = arguments
        self.log = log
        folder = try WorkOptions.folder(arguments)
        loaded = try WorkOptions.model(arguments)
        options = try WorkOptions.options(arguments, loaded, log)
    }

    /// Probes all inputs; nil where a signal came.
    func plan(threads: Int) throws -> Manifest? {
        let tree = try InputTree(arguments[WorkOptions.inputs], output: folder.path)
        for warning in tree.warnings { log.warning(warning) }
        var planner = Planner(options, folder: folder, model: loaded?.model)
        planner.partLength = arguments[WorkOptions.segment]
        planner.threads = threads
        planner.shouldStop = { Signals.isStopRequested }
        let progress = Progress(
            "probing", total: tree.inputs.count, unit: "files",
            mode: CommonOptions.progressMode(arguments))
        defer { progress.finish() }
        planner.observe = { progress.update(done: $0) }
        return try planner.plan(tree.inputs)
    }
}
