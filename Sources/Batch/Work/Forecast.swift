// How long a batch will take and how many bytes it will make, from a few seconds of its work.
import Enhancement
import Media
import Terminal

/// What a batch would do.
public struct Forecast {
    /// The forecast for people, a line each.
    public private(set) var lines: [String] = []

    /// Tries the first video for three seconds, and scales.
    ///
    /// - Throws: What enhancing throws.
    public init(
        _ state: BatchState, _ model: (any RestorationModel)?, _ workers: Int, _ threads: Int
    ) throws {
        let plan = state.manifest
        let jobs = plan.jobs.filter { $0.failure == nil && !state.isDone($0) }
        for job in plan.jobs {
            let facts = job.facts
            let size = facts.map { "\($0.width)x\($0.height)" } ?? ""
            let frames = facts?.frames.map { "\($0) frames" } ?? "length unknown"
            let parts = job.segments.isEmpty ? "" : ", \(job.segments.count) parts"
            let what =
                job.failure.map { "cannot be done: \($0.description)" }
                ?? (state.isDone(job)
                    ? "is done"
                    : (facts?.isPicture == true ? "picture \(size)" : "\(size), \(frames)\(parts)")
                        + (facts?.truncation == nil ? "" : ", truncated")
                        + (job.shots.map { ": \($0.summary)" } ?? ""))
            lines.append("\(printable(job.input.name)): \(what)")
        }
        var words = ["\(jobs.count) of \(plan.jobs.count) to do"]
        if plan.options.enhance != nil, let rate = try Self.rate(state, jobs, model, threads) {
            let cost = jobs.reduce(0) { $0 + $1.cost }
            let seconds = cost / rate / Double(min(workers, max(1, plan.unitCount)))
            words.append(
                seconds < 60
                    ? "less than a minute" : "about \(humanDuration(seconds))")
            words.append("\(fixed(seconds / 3600, decimals: 2)) hours")
        }
        let known = jobs.compactMap { $0.facts?.expectedBytes }
        if !known.isEmpty {
            let bytes = known.reduce(0, +)
            let most = known.count == jobs.count ? "at most about" : "at least"
            words.append("\(most) \(humanBytes(bytes))")
        }
        if let free = DiskSpace.available(for: plan.output) {
            words.append("\(humanBytes(free)) free")
        }
        lines.append(words.joined(separator: "; "))
    }

    /// Pixels a second of one worker; nil where there is nothing to try.
    private static func rate(
        _ state: BatchState, _ jobs: [BatchJob], _ model: (any RestorationModel)?, _ threads: Int
    ) throws -> Double? {
        guard let job = jobs.max(by: { $0.cost < $1.cost }) else { return nil }
        var request = state.manifest.options.request(for: job, in: state.folder, threads: threads)
        // Encoded as it will be, into a file that is given up.
        request.output = state.manifest.output + "/" + lastPart(of: request.output)
        guard Folder.exists(state.manifest.output) else { return estimate(model, threads) }
        let video = try VideoJob(request)
        var pipeline = FramePipeline()
        var first: Double?
        var frames = 0, elapsed = 0.0
        pipeline.shouldStop = { elapsed > 3 }
        pipeline.observe = { _, _, _ in
            let now = monotonicSeconds()
            if let first {
                frames += 1
                elapsed = now - first
            } else {
                first = now
            }
        }
        let outcome = try video.run(model, pipeline: pipeline, isRehearsal: true).outcome
        let pixels = Double(job.facts!.width * job.facts!.height)
        guard frames > 0, elapsed > 0 else { return pixels / max(outcome.elapsed, 1e-3) }
        return Double(frames) * pixels / elapsed
    }

    private static func estimate(_ model: (any RestorationModel)?, _ threads: Int) -> Double {
        let side = 1000
        return Double(side * side)
            / WorkEstimate.secondsOfFrame(width: side, height: side, model, threads: threads)
    }
}
