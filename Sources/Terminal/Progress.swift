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
    }

    private struct State {
        var done = 0
        var total: Int?
        var lastShown: Double?
        var isFinished = false
        /// When the recent past began and how much was done then, for a rate that follows changes.
        var marks: [(time: Double, done: Int)]
    }

    private let mode: Mode
    private let label: String
    private let unit: String
    private let console: Console
    private let clock: @Sendable () -> Double
    private let start: Double
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
        self.mode = mode == .auto ? (console.isInteractive ? .bar : .json) : mode
        self.label = printable(label)
        self.unit = unit
        self.console = console
        self.clock = clock
        start = clock()
        state = Mutex(State(total: total, marks: [(start, 0)]))
    }

    /// Says that `done` of `total` are done; draws if it is time to.
    ///
    /// - Parameter total: a better knowledge of how much there is; nil leaves it as it is.
    public func update(done: Int, total: Int? = nil) {
        let now = clock()
        state.withLock { state in
            guard !state.isFinished else { return }
            state.done = done
            if let total { state.total = total }
            if now - state.marks.last!.time >= 0.5 {
                state.marks.append((now, done))
                if state.marks.count > 21 { state.marks.removeFirst() }
            }
            let interval = console.isInteractive && mode == .bar ? 0.1 : mode == .bar ? 10 : 1
            let isComplete = done == state.total && console.isInteractive
            if let last = state.lastShown, now - last < interval, !isComplete { return }
            // A job that takes no time needs no line.
            if !console.isInteractive, state.lastShown == nil, now - start < interval { return }
            state.lastShown = now
            show(state, now, event: "progress")
        }
    }

    /// Removes the bar; in JSON, says how it ended. Further updates are ignored.
    public func finish() {
        let now = clock()
        state.withLock { state in
            guard !state.isFinished else { return }
            state.isFinished = true
            if mode == .json { show(state, now, event: "finished") }
            if mode == .bar { console.setStatus("") }
        }
    }

    private func show(_ state: State, _ now: Double, event: String) {
        let isEnd = event == "finished"
        let origin = isEnd ? (time: start, done: 0) : state.marks.first!
        let elapsed = now - origin.time
        let rate = elapsed > 0 ? Double(state.done - origin.done) / elapsed : 0
        let remaining = state.total.map { max(0, $0 - state.done) }
        let eta = remaining.flatMap { rate > 0 ? Double($0) / rate : nil }
        switch mode {
        case .json:
            var members: [(String, JSONValue)] = [
                ("event", .string(event)), ("job", .string(label)), ("done", .int(state.done)),
                ("total", state.total.map(JSONValue.int) ?? .null),
                ("fps", .number((rate * 100).rounded() / 100)),
            ]
            if !isEnd { members.append(("eta", eta.map { .number($0.rounded()) } ?? .null)) }
            members.append(("seconds", .number(((now - start) * 100).rounded() / 100)))
            console.print(JSONValue.object(members).compact)
        case .bar where console.isInteractive:
            console.setStatus(bar(state, rate: rate, eta: eta))
        case .bar: console.print(figures(state, rate: rate, eta: eta))
        case .auto, .none: break
        }
    }

    /// `name [#####.....]  51 %  120/300 frames  30.5 fps  6 s left`, the bar taking what is left.
    private func bar(_ state: State, rate: Double, eta: Double?) -> String {
        let figures = figures(state, rate: rate, eta: eta)
        let name = truncated(label, toWidth: max(8, console.width / 4))
        let space = console.width - 6 - displayWidth(name) - displayWidth(figures)
        guard let total = state.total, total > 0, space >= 8 else { return "\(name)  \(figures)" }
        let cells = min(40, space)
        let full = min(cells, cells * state.done / total)
        let bar = String(repeating: "#", count: full) + String(repeating: "·", count: cells - full)
        return "\(name) [\(bar)]  \(figures)"
    }

    private func figures(_ state: State, rate: Double, eta: Double?) -> String {
        var parts: [String] = []
        if let total = state.total, total > 0 {
            parts.append("\(min(100, 100 * state.done / total)) %")
            parts.append("\(state.done)/\(total) \(unit)")
        } else {
            parts.append("\(state.done) \(unit)")
        }
        parts.append(fixed(rate, decimals: rate < 100 ? 1 : 0) + (unit == "frames" ? " fps" : "/s"))
        if let eta, eta > 0 { parts.append("\(humanDuration(eta)) left") }
        return parts.joined(separator: "  ")
    }
}
