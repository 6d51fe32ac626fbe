// Plans that the tests of batches work on.
import Compute
import Enhancement
import Media
import TestSupport

@testable import Batch

/// A folder of inputs beside a folder of outputs.
struct BatchSample {
    let place = TemporaryFolder()
    var input: String { place("in") }
    var folder: OutputFolder { OutputFolder(place("out")) }

    init() throws {
        try Folder.make(input)
        try Folder.make(place("out"))
    }

    /// A clip of so many frames, a key frame every five.
    @discardableResult
    func clip(_ name: String, frames: Int = 10, hue: Int = 0) throws -> String {
        let path = "\(input)/\(name)"
        try Folder.make(folderPart(of: path)!)
        ffmpeg(
            "-f lavfi -i testsrc2=s=64x48:r=25 -frames:v \(frames) -vf hue=h=\(hue) -c:v libx264 -qp 30 "
                + "-g 5 -pix_fmt yuv420p file:'\(path)'")
        return path
    }

    /// A clip of two scenes, the second of which takes many more bits.
    func scenes(_ name: String, frames: Int) throws {
        ffmpeg(
            "-f lavfi -i color=gray:s=64x48:r=25 -f lavfi -i testsrc2=s=64x48:r=25 -filter_complex "
                + "'[1:v]noise=alls=60:allf=t[b];[0:v]trim=end_frame=\(frames)[a];[b]trim=end_frame=\(frames)[c];"
                + "[a][c]concat' -c:v libx264 -qp 30 -g 5 -pix_fmt yuv420p file:'\(input)/\(name)'")
    }

    /// Copies samples, losslessly: fast, and still all that a batch does.
    var options: BatchOptions {
        var choice = EnhanceChoice()
        choice.strength = 0
        choice.encoding.encoder = "ffv1"
        return BatchOptions(enhance: choice, interactions: nil)
    }

    /// The plan for everything in the folder of inputs.
    func plan(
        _ options: BatchOptions? = nil, parts: PartLength = .off
    ) throws -> Manifest {
        let tree = try InputTree([input], output: folder.path)
        var planner = Planner(options ?? self.options, folder: folder, model: nil)
        planner.partLength = parts
        planner.threads = 2
        return try planner.plan(tree.inputs)!
    }

    /// Does all units that are missing, and completes all jobs.
    func work(_ plan: Manifest) throws {
        let state = BatchState(plan)
        let worker = UnitWorker(state, try BatchModels(plan.options), threads: 1)
        for unit in state.missingUnits { _ = try worker.run(unit) }
        for index in plan.jobs.indices { _ = try worker.complete(index) }
    }
}
