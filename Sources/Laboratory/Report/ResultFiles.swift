// What an experiment found, as files: one of figures, and a picture for each chart.

/// Names and texts of the files of a result.
public enum ResultFiles {
    /// One file.
    public struct File: Sendable, Hashable {
        /// Its name without a folder.
        public let name: String
        /// All of it.
        public let text: String
    }

    /// `NAME.json`, then `NAME.svg`, or where there are several charts `NAME-1.svg` and so on.
    public static func all(
        of experiment: any Experiment, _ result: ExperimentResult, _ setting: ExperimentSetting
    ) -> [File] {
        let name = experiment.name
        let json = File(
            name: "\(name).json", text: result.json(of: experiment, setting).pretty + "\n")
        let pictures = result.charts.enumerated().map { index, chart in
            let number = result.charts.count > 1 ? "-\(index + 1)" : ""
            return File(name: "\(name)\(number).svg", text: chart.svg)
        }
        return [json] + pictures
    }
}
