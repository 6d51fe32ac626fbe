// How far a job has come: a bar for a person, JSON lines for a program.
import Synchronization

/// Shows how much is done, how fast it goes and how long it will take.
///
/// On a terminal a bar is redrawn at most ten times a second; elsewhere a JSON object is written
/// once a second, as `{"event":"progress","done":120,"total":300,"fps":30.5,"eta":5.9}`.
/// Safe to use from any thread.
public final class Progress: Sendable {
    /// How progress is shown.
    public enum Mode: String, Sendable, CaseIterable {
        /// A bar on a terminal, JSON lines elsewhere.
        case auto
        /// A bar; plain lines where nothing can be redrawn.
        case bar
        /// JSON lines.
        case json
        /// Nothing.
        case none

        /// What `auto` means on this console; any other stays what it is.
        func resolved(on console: Console) -> Mode {
            self == .auto ? (console.isInteractive ? .bar : .json) : self
        }

        /// Seconds between two lines.
        func interval(on console: Console) -> Double {
            guard self == .bar else { return 1 }
            return console.isInteractive ? 0.1 : 10
        }
    }

    private struct State {
        var meter: JobMeter
        var isFinished = false
    }

    private let mode: Mode
    private let console: Console
    private let clock: @Sendable () -> Double
    private let state: Mutex<State>

    /// Progress of a job that starts now.
    ///
    /// - Parameters:
    ///   - label: what the job is, such as the file's name.
    ///   - total: how much there is to do; nil where nobody knows.
    ///   - unit: what is counted, as "frames".
    ///   - clock: seconds on any clock that never goes back.
    public init(
        _ label: String, total: Int?, unit: String = "frames", mode: Mode = .auto,
        console: Console = .standardError,
        clock: @escaping @Sendable () -> Double = monotonicSeconds
    ) {
        self.mode = mode.resolved(on: console)
        self.console = console
        self.clock = clock
        state = Mutex(State(meter: JobMeter(label, unit: unit, total: total, now: clock())))
    }

    /// Says that `done` of `total` are done; draws if it is time to.
    ///
    /// - Parameter total: a better knowledge of how much there is; nil leaves it as it is.
    public func update(done: Int, total: Int? = nil) {
        let now = clock()
        state.withLock { state in
            guard !state.isFinished else { return }
            state.meter.update(done: done, total: total, now: now)
            let isDue = state.meter.pulse.isDue(
                every: mode.interval(on: console), atOnce: console.isInteractive, now: now)
            if isDue || state.meter.isComplete && console.isInteractive { show(state.meter, now) }
        }
    }

    /// Removes the bar; in JSON, says how it ended. Further updates are ignored.
    public func finish() {
        let now = clock()
        state.withLock { state in
            guard !state.isFinished else { return }
            state.isFinished = true
            if mode == .json { console.print(state.meter.json(now: now, isEnd: true)) }
            if mode == .bar { console.setStatus("") }
        }
    }

    private func show(_ meter: JobMeter, _ now: Double) {
        switch mode {
        case .json: console.print(meter.json(now: now, isEnd: false))
        case .bar where console.isInteractive:
            console.setStatus(meter.bar(width: console.width))
        case .bar: console.print(meter.figures)
        case .auto, .none: break
        }
    }
}
