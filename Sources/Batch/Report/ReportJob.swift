// What a report says of one job.
import Terminal

/// One file of a batch: what became of it, and what there is to look at.
///
/// All paths are relative to the folder of the report, names of files as `String(fileName:)` gives them.
public struct ReportJob: Sendable {
    /// How far the job came.
    public enum State: Sendable, Equatable {
        /// Its output is there.
        case done
        /// It ended without one, for this reason.
        case failed(reason: String)
        /// It has not been worked yet, or its output is gone.
        case missing
    }

    /// What the input is.
    public enum Kind: String, Sendable {
        /// Many frames.
        case video
        /// One picture.
        case photo
    }

    /// One frame before and after restoration.
    public struct Comparison: Sendable {
        /// Path of the picture as the input shows it.
        public var before: String
        /// Path of the picture as the output shows it.
        public var after: String
        /// Columns of the picture after.
        public var width: Int
        /// Rows of the picture after.
        public var height: Int
        /// Where in the video the frame is, in seconds; nil for a photo.
        public var time: Double?
        /// The picture after as a small JPEG; empty where there is none.
        public var thumbnail: [UInt8]

        /// A frame whose two pictures lie beside the report.
        public init(
            before: String, after: String, width: Int, height: Int, time: Double? = nil,
            thumbnail: [UInt8] = []
        ) {
            (self.before, self.after) = (before, after)
            (self.width, self.height) = (width, height)
            (self.time, self.thumbnail) = (time, thumbnail)
        }
    }

    /// A figure of quality.
    public struct Figure: Sendable {
        /// What is measured, the same word in all jobs.
        public var name: String
        /// How much of it.
        public var value: Double
        /// What it is counted in; empty where it has no unit.
        public var unit: String
        /// What it tells, in a sentence for people.
        public var meaning: String

        /// The name under which the table of jobs looks for the damage of the input.
        public static let damage = "damage"

        /// A figure with what it means.
        public init(_ name: String, _ value: Double, unit: String = "", meaning: String = "") {
            (self.name, self.value, self.unit, self.meaning) = (name, value, unit, meaning)
        }
    }

    /// An interaction that was found.
    public struct Interaction: Sendable {
        /// What somebody does with what, in words.
        public var phrase: String
        /// How sure that is, 0 to 1.
        public var score: Double
        /// Where in the video, in seconds; nil for a photo.
        public var time: Double?
        /// Path of a picture with its boxes drawn; neighbours in a list may share one.
        public var drawing: String?
        /// That picture as a small JPEG; empty where there is none.
        public var thumbnail: [UInt8]

        /// An interaction, and where it can be seen.
        public init(
            phrase: String, score: Double, time: Double? = nil, drawing: String? = nil,
            thumbnail: [UInt8] = []
        ) {
            (self.phrase, self.score, self.time) = (phrase, score, time)
            (self.drawing, self.thumbnail) = (drawing, thumbnail)
        }
    }

    /// What each shot got.
    public struct Shots: Sendable {
        /// What was done with how much of the video, in words.
        public var summary: String
        /// A line for each shot: when it begins, and what was done.
        public var plan: JSONValue

        /// What a plan came to.
        public init(summary: String, plan: JSONValue) {
            (self.summary, self.plan) = (summary, plan)
        }
    }

    /// How long one step took.
    public struct Timing: Sendable {
        /// The step, the same word in all jobs.
        public var name: String
        /// Seconds of wall clock.
        public var seconds: Double

        /// A step and its time.
        public init(_ name: String, seconds: Double) { (self.name, self.seconds) = (name, seconds) }
    }

    /// Path of the input, relative to the folder that was worked.
    public var name: String
    /// What became of it.
    public var state: State
    /// What the input is.
    public var kind: Kind
    /// Path of the output; nil where there is none.
    public var output: String?
    /// A frame to compare; nil where there is none.
    public var comparison: Comparison?
    /// Figures of quality in the order in which they are shown.
    public var figures: [Figure] = []
    /// Frames written; nil where it is not known.
    public var frames: Int?
    /// Seconds of work, over all runs; nil where it is not known.
    public var seconds: Double?
    /// Frames a second; nil where it is not known.
    public var framesPerSecond: Double?
    /// Bytes of the input; nil where it is not known.
    public var bytesIn: Int64?
    /// Bytes of the output; nil where it is not known.
    public var bytesOut: Int64?
    /// Name of the encoder that wrote the output; nil where there was none.
    public var encoder: String?
    /// What each shot got; nil where all were treated alike.
    public var shots: Shots?
    /// Whether an earlier run had begun the job.
    public var wasResumed = false
    /// What was found, in the order in which it is shown; of too many, the first are.
    public var interactions: [Interaction] = []
    /// What people should know about the output.
    public var warnings: [String] = []
    /// How long each step took, in the order of the steps.
    public var timings: [Timing] = []

    /// A job of which nothing else is known yet.
    public init(_ name: String, kind: Kind, state: State) {
        (self.name, self.kind, self.state) = (name, kind, state)
    }

    /// The word for the state.
    var stateWord: String {
        switch state {
        case .done: "done"
        case .failed: "failed"
        case .missing: "missing"
        }
    }

    /// Why the job failed; nil where it did not.
    var reason: String? {
        if case .failed(let reason) = state { return reason }
        return nil
    }

    /// The figure of that name.
    func figure(_ name: String) -> Double? { figures.first { $0.name == name }?.value }

    /// The time of that step, all its turns together.
    func seconds(of step: String) -> Double? {
        let turns = timings.filter { $0.name == step }
        return turns.isEmpty ? nil : turns.reduce(0) { $0 + $1.seconds }
    }
}
