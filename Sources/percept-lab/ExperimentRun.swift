// One run of percept-lab: experiment after experiment, each printed and written when it is done.
import Laboratory
import Media
import Networks
import Terminal

/// Measures experiments and tells what they found.
struct ExperimentRun {
    private let setting: ExperimentSetting
    /// Where files go; nil for none.
    private let folder: String?
    private let log: Log
    private let console: Console
    private let output: (String) -> Void

    /// A run. With `showsSteps`, a terminal shows what is being done.
    init(
        _ setting: ExperimentSetting, folder: String?, log: Log, showsSteps: Bool,
        console: Console = .standardError, output: @escaping (String) -> Void = CommonOptions.output
    ) {
        var setting = setting
        setting.observe = { step in
            log.detail(step)
            if showsSteps { console.setStatus(printable(step)) }
        }
        self.setting = setting
        self.folder = folder
        self.log = log
        self.output = output
        self.console = console
    }

    /// Measures all; the last line of several says how many hold.
    ///
    /// - Throws: What a single experiment throws; of several, errors are logged and the others run.
    func measure(_ experiments: [any Experiment]) throws -> ExitCode {
        if let folder {
            try Folder.make(folder)
            for experiment in experiments { try checkCanWrite("\(folder)/\(experiment.name).json") }
        }
        var holding = 0
        for (index, experiment) in experiments.enumerated() {
            if index > 0 { output("") }
            let result: ExperimentResult
            do {
                result = try measure(experiment)
            } catch {
                guard experiments.count > 1 else { throw error }
                log.error("\(experiment.name): \(error)")
                continue
            }
            if result.holds { holding += 1 }
            tell(result, of: experiment)
            try write(result, of: experiment)
        }
        if experiments.count > 1 {
            output("")
            output("\(holding) of \(experiments.count) experiments hold")
        }
        return holding == experiments.count ? .success : .someFailed
    }

    private func measure(_ experiment: any Experiment) throws -> ExperimentResult {
        let start = monotonicSeconds()
        defer { console.setStatus("") }
        let result = try experiment.run(setting)
        log.detail("\(experiment.name): \(humanDuration(monotonicSeconds() - start))")
        return result
    }

    private func tell(_ result: ExperimentResult, of experiment: any Experiment) {
        let style = Style(isTerminal: isTerminal(1))
        for line in ResultText(experiment, result).lines(width: textWidth, style: style) {
            output(line)
        }
    }

    private func write(_ result: ExperimentResult, of experiment: any Experiment) throws {
        guard let folder else { return }
        for file in ResultFiles.all(of: experiment, result, setting) {
            try CommonOptions.write(file.text, to: "\(folder)/\(file.name)")
            log.info("\(folder)/\(file.name)")
        }
    }
}
