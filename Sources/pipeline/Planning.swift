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
    private let shots: ShotModels?

    /// - Parameter deadline: Seconds that all may take; nil: as long as it takes.
    init(_ arguments: Arguments, _ log: Log, deadline: Double? = nil) throws {
        self.arguments = arguments
        self.log = log
        folder = try WorkOptions.folder(arguments)
        shots = try WorkOptions.shots(arguments, deadline: deadline)
        loaded = try shots?.usual ?? WorkOptions.model(arguments)
        options = try WorkOptions.options(
            arguments, loaded, shots: shots, deadline: deadline, log)
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

    /// Looks at the shots of a plan where they are to be chosen for; nil where they are not, or a signal came.
    func survey(_ plan: inout Manifest, threads: Int) throws -> ShotAllotment? {
        guard var allotment = try ShotAllotment(options, shots, folder: folder) else { return nil }
        let progress = Progress(
            "looking at shots", total: 100, unit: "%", mode: CommonOptions.progressMode(arguments))
        defer { progress.finish() }
        let isWhole = try allotment.survey(
            &plan, threads: threads, shouldStop: { Signals.isStopRequested }
        ) { done, all in progress.update(done: Int(100 * min(1, done / max(all, 1)))) }
        return isWhole ? allotment : nil
    }

    /// Chooses for all shots of a plan what the usual model's time allows, where they are to be chosen for.
    func allot(_ plan: inout Manifest, threads: Int) throws {
        guard let allotment = try survey(&plan, threads: threads) else { return }
        try allotment.allot(&plan, nil, open: Set(plan.jobs.indices))
    }
}
