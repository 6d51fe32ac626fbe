// How far one job has come and how fast it goes, and how that is shown: as a bar, as figures, as JSON.

/// When a line is due that is shown at regular intervals.
struct Pulse: Sendable {
    private let start: Double
    private var last: Double?

    init(start: Double) { self.start = start }

    /// Whether the next line is due, which counts as showing it. The first is due at once, or after
    /// an interval: a job that takes no time needs no line.
    mutating func isDue(every interval: Double, atOnce: Bool, now: Double) -> Bool {
        guard now - (last ?? (atOnce ? -.infinity : start)) >= interval else { return false }
        last = now
        return true
    }
}

/// The figures of one job.
struct JobMeter: Sendable {
    let label: String
    let unit: String
    private(set) var done: Int
    private(set) var total: Int?
    var pulse: Pulse
    private let start: Double
    private let doneBefore: Int
    private var lastUpdate: Double
    /// When the recent past began and how much was done then, for a rate that follows changes.
    private var marks: [(time: Double, done: Int)]

    /// A job that starts now, with `done` done by an earlier run.
    init(_ label: String, unit: String, done: Int = 0, total: Int?, now: Double) {
        self.label = printable(label)
        self.unit = unit
        self.done = done
        self.total = total
        start = now
        lastUpdate = now
        doneBefore = done
        marks = [(now, done)]
        pulse = Pulse(start: now)
    }

    mutating func update(done: Int, total: Int?, now: Double) {
        self.done = done
        lastUpdate = now
        if let total { self.total = total }
        if now - marks.last!.time >= 0.5 {
            marks.append((now, done))
            if marks.count > 21 { marks.removeFirst() }
        }
    }

    /// Whether everything is done.
    var isComplete: Bool { done == total }

    /// The part that is done, 0 to 1; 0 where nobody knows how much there is.
    var share: Double { share(of: done) }

    /// The part that an earlier run had done.
    var shareBefore: Double { share(of: doneBefore) }

    private func share(of done: Int) -> Double {
        guard let total, total > 0 else { return 0 }
        return min(1, max(0, Double(done) / Double(total)))
    }

    /// Units per second since `origin`, and how long the rest takes at that rate.
    ///
    /// - Parameter end: until when; while the job runs its last update, so that a line that is drawn
    ///   in between does not show it slower than it is.
    private func pace(
        since origin: (time: Double, done: Int), until end: Double
    ) -> (rate: Double, eta: Double?) {
        let elapsed = end - origin.time
        let rate = elapsed > 0 ? Double(done - origin.done) / elapsed : 0
        let remaining = total.map { max(0, $0 - done) }
        return (rate, remaining.flatMap { rate > 0 ? Double($0) / rate : nil })
    }

    /// `{"event":"progress","job":"clip.mp4","done":120,"total":300,"fps":30.5,"eta":6,"seconds":4}`;
    /// at the end the rate is that of the whole job.
    func json(now: Double, isEnd: Bool) -> String {
        let (rate, eta) =
            isEnd
            ? pace(since: (start, doneBefore), until: now)
            : pace(since: marks.first!, until: lastUpdate)
        var members: [(String, JSONValue)] = [
            ("event", .string(isEnd ? "finished" : "progress")), ("job", .string(label)),
            ("done", .int(done)), ("total", total.map(JSONValue.int) ?? .null),
            ("fps", .number((rate * 100).rounded() / 100)),
        ]
        if !isEnd { members.append(("eta", eta.map { .number($0.rounded()) } ?? .null)) }
        members.append(("seconds", .number(((now - start) * 100).rounded() / 100)))
        return JSONValue.object(members).compact
    }

    /// Columns that the name takes in a window of this width.
    func nameWidth(in width: Int) -> Int { min(displayWidth(label), max(8, width / 4)) }

    /// `name [#####.....]  51 %  120/300 frames  30.5 fps  6 s left`, the bar taking what is left.
    ///
    /// - Parameter nameWidth: columns of the name, at least; the same for lines that stand together.
    func bar(width: Int, nameWidth: Int = 0) -> String {
        let figures = figures
        let name = padded(
            truncated(label, toWidth: self.nameWidth(in: width)), toWidth: nameWidth)
        let space = width - 6 - displayWidth(name) - displayWidth(figures)
        guard let total, total > 0, space >= 8 else { return "\(name)  \(figures)" }
        let cells = min(40, space)
        let full = part(of: cells, total)
        let bar = String(repeating: "#", count: full) + String(repeating: "·", count: cells - full)
        return "\(name) [\(bar)]  \(figures)"
    }

    /// As many of `whole` as are done, multiplied first: 100 * 0.29 is a little less than 29.
    private func part(of whole: Int, _ total: Int) -> Int {
        Int(min(Double(whole), max(0, Double(whole) * Double(done) / Double(total))))
    }

    /// `51 %  120/300 frames  30.5 fps  6 s left`
    var figures: String {
        let (rate, eta) = pace(since: marks.first!, until: lastUpdate)
        var parts: [String] = []
        if let total, total > 0 {
            parts.append("\(part(of: 100, total)) %")
            parts.append("\(done)/\(total) \(unit)")
        } else {
            parts.append("\(done) \(unit)")
        }
        parts.append(fixed(rate, decimals: rate < 100 ? 1 : 0) + (unit == "frames" ? " fps" : "/s"))
        if let eta, eta > 0 { parts.append("\(humanDuration(eta)) left") }
        return parts.joined(separator: "  ")
    }
}
