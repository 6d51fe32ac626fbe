// What is learned of models by letting them work on a few frames: how far they move them, how long they take.
import Enhancement
import Glibc
import Graphs
import Media
import Networks
import Terminal
import TestSupport
import Testing

@testable import Policy

/// A time that only models move on.
private final class Clock: @unchecked Sendable {
    var now = 0.0
}

/// Adds a number to the luma of frames that are wanted, one frame late, and takes a time for each.
private struct AddingModel: RestorationModel {
    let name: String, number: Int, seconds: Double, clock: Clock

    var parameters: Parameters { Parameters([]) }
    var metadata: [String: String] { [:] }
    var isBalanced: Bool { false }
    func calibrations(at balance: Balance) -> [ModelCalibration]? { nil }
    var executedProducts: Int { 1 }
    var graph: Graph { Graph.build { $0.output($0.input("x"), "y") } }
    func input(width: Int, height: Int) -> (name: String, shape: [Int]) { ("x", [1]) }

    func stage(
        width: Int, height: Int, options: EnhancementOptions
    ) throws -> any FrameStage {
        Stage(model: self, threads: options.threads)
    }

    private final class Stage: FrameStage {
        let model: AddingModel, threads: Int
        var waiting: Frame?
        let times = EnhancementTimes(), repeatedCount = 0

        init(model: AddingModel, threads: Int) { (self.model, self.threads) = (model, threads) }

        func push(_ frame: Frame) -> [Frame] {
            defer { waiting = frame }
            return waiting.map { [changed($0)] } ?? []
        }

        func flush() -> [Frame] { waiting.map { [changed($0)] } ?? [] }

        private func changed(_ frame: Frame) -> Frame {
            model.clock.now += model.seconds / Double(threads)
            guard !frame.isContext else { return frame }
            let luma = frame.planes[0]
            let plane = Plane(
                width: luma.width, height: luma.height, bytesPerSample: luma.bytesPerSample)
            for y in 0..<luma.height {
                for x in 0..<luma.width { plane.store(luma[x, y] + model.number, x, y) }
            }
            return frame.replacingPlanes([plane] + frame.planes.dropFirst())
        }
    }
}

@Suite("Models on trial")
struct CorrectionProbeTests {
    private static func frames(_ count: Int, depth: Int = 8) -> [Frame] {
        (0..<count).map { index in
            let frame = Frame(width: 16, height: 8, format: FrameFormat(.yuv420, depth: depth))
            for plane in frame.planes {
                for y in 0..<plane.height {
                    for x in 0..<plane.width { plane.store(50 + index + x, x, y) }
                }
            }
            return frame
        }
    }

    @Test("A correction is the mean square of what a model changes", arguments: [1, 2, 4, 6, 9])
    func correction(_ count: Int) throws {
        let model = AddingModel(name: "live", number: 3, seconds: 0, clock: Clock())
        let probe = CorrectionProbe(model, options: EnhancementOptions(threads: 1))
        #expect(try probe.correction(of: Self.frames(count)) == 9)
    }

    @Test("What is known of a shot has the correction; without a probe nothing is known of it")
    func state() throws {
        let model = AddingModel(name: "live", number: 2, seconds: 0, clock: Clock())
        let probe = CorrectionProbe(model, options: EnhancementOptions(threads: 1))
        for (probe, expected) in [(probe, 4.05), (nil, 0.05)] as [(CorrectionProbe?, Double)] {
            var observer = ShotObserver(probe, codec: "hevc")
            for frame in Self.frames(8) { observer.add(frame) }
            let state = try #require(try observer.state(bitsPerPixel: 0.25))
            #expect(abs(exp2(Double(state.values[16])) - expected) < 1e-4)
            #expect(abs(exp2(Double(state.values[4])) - 0.251) < 1e-4)
            #expect(state.values[15] == 7)
            #expect(state.values[ShotState.codecPlaces] == [0, 1, 0])
        }
    }

    @Test(
        "Bits are tried where x264 takes such samples, and guessed by the file's where it does not")
    func coding() throws {
        let frames = Self.frames(4)
        let tried = try #require(try CodingProbe(frames))
        #expect(tried.bits[0] >= tried.bits[1] && tried.bits[1] > 0)
        let coarse = try #require(tried.coarse)
        #expect(coarse.count == 4 && coarse[3].width == 16)
        let deep = Self.frames(4, depth: 12)
        #expect(try CodingProbe(deep) == nil)
        let guess = CodingProbe.guess(0.4)
        #expect(abs(guess[1] - 0.2) < 1e-12 && guess[0] > 0.4 && guess[0] < 0.8)
        // Nothing else stops for that.
        let model = AddingModel(name: "live", number: 2, seconds: 0, clock: Clock())
        var observer = ShotObserver(
            CorrectionProbe(model, options: EnhancementOptions(threads: 1)), codec: "av1")
        for frame in deep { observer.add(frame) }
        let state = try #require(try observer.state(bitsPerPixel: 0.4))
        #expect(abs(exp2(Double(state.values[18])) - 0.2 - 1e-4) < 1e-3)
        #expect(state.values[ShotState.codecPlaces] == [0, 0, 1])
        #expect(
            state.values[ShotState.recoding] == CodingProbe.guessedRecovery.map { Float($0) }[...])
    }

    @Test(
        "What a model gives back of frames that were coded once more is foreseen by its gain there")
    func recovery() throws {
        // Coded frames are two steps too dark; a model that adds three leaves one.
        let original = Self.frames(6)
        let coded = original.map { frame in
            let luma = frame.planes[0]
            let plane = Plane(width: luma.width, height: luma.height, bytesPerSample: 1)
            for y in 0..<luma.height {
                for x in 0..<luma.width { plane.store(luma[x, y] - 2, x, y) }
            }
            return frame.replacingPlanes([plane] + frame.planes.dropFirst())
        }
        let model = AddingModel(name: "live", number: 3, seconds: 0, clock: Clock())
        let probe = CorrectionProbe(model, options: EnhancementOptions(threads: 1))
        let found = try probe.recovery(of: coded, original: original)
        #expect(found.error == 4 && abs(found.gain - 10 * log10(5 / 2.0)) < 1e-9)
        // Deep samples count in the same steps.
        let deep = Self.frames(6, depth: 10)
        #expect(abs(try probe.recovery(of: deep, original: deep).error) < 1e-12)
        let gain = try probe.recovery(of: deep, original: deep).gain
        #expect(abs(gain - 10 * log10(1 / (1 + 9 / 16.0))) < 1e-9)
    }

    @Test("Models are timed on one thread and counted for all; what they take beside is coding")
    func speed() throws {
        let clock = Clock()
        let models = [("live", 1.0), ("studio", 9.0)].reduce(into: [:]) { models, entry in
            models[entry.0] =
                AddingModel(name: entry.0, number: 1, seconds: entry.1, clock: clock)
                as any RestorationModel
        }
        let survey = ShotSurvey(
            shots: [.init(start: 0, frames: 10, state: madeShots(1)[0].state)], width: 20,
            height: 10)
        let speed = try MachineSpeed(
            models, on: survey, options: EnhancementOptions(threads: 4),
            clock: MachineClock(busy: { clock.now }, contention: { Double($0 - 1) })
        ) { frames in
            #expect(frames.isEmpty)
            return 3
        }
        let pixels = Double(MachineSpeed.width * MachineSpeed.height)
        #expect(abs((speed.models["live"] ?? 0) * 4 * pixels - 1) < 1e-9)
        #expect(abs((speed.models["studio"] ?? 0) * 4 * pixels - 9) < 1e-9)
        // Other programs have two thirds of what four threads want.
        #expect(abs(speed.contention - 3) < 1e-9)
        #expect(abs(speed.coding * 200 - 1) < 1e-9)
    }

    @Test(
        "The bits of a whole shot follow from its first frames, its key frame, and what the file took"
    )
    func wholeShot() throws {
        let folder = try TemporaryFolder()
        // Colour bars with a little noise for half a second, and with much for a second and a half.
        _ = ffmpeg(
            "-f lavfi -i smptehdbars=r=24:s=160x96:d=2"
                + " -vf \"noise=alls=6:allf=t,noise=alls=12:allf=t:enable='gte(t,0.5)'\" -c:v libx264 -crf 26"
                + " -pix_fmt yuv420p '\(folder("a.mkv"))'")
        let model = AddingModel(name: "live", number: 0, seconds: 0, clock: Clock())
        let survey = try #require(
            try ShotSurvey(
                path: folder("a.mkv"), options: ReadOptions(),
                probe: CorrectionProbe(model, options: EnhancementOptions(threads: 1)),
                threads: 1, clock: { 0 }))
        #expect(survey.shots.count == 1 && survey.frames == 48)
        let shot = survey.shots[0]
        let coding = try #require(shot.coding)
        #expect(coding.growth > 3 && coding.growth < 8, "\(coding.growth)")
        #expect(coding.key[0] > coding.key[1] && coding.key[1] > 0)
        let reader = try VideoReader(path: folder("a.mkv"))
        var frames: [Frame] = []
        while let frame = try reader.next() { frames.append(frame) }
        for quality in CodingProbe.qualities {
            let trial = try EncodingTrial(
                path: "a.mkv",
                video: VideoDescription(frame: frames[0], frameRate: Rational(24, 1)),
                settings: EncoderSettings(encoder: "libx264", threads: 1), crf: quality)
            for frame in frames { try trial.write(frame) }
            let taken = Double(8 * (try trial.finish().reduce(0, +))) / Double(48 * 160 * 96)
            let tried = exp2(shot.state.codedBits(at: quality)) - 1e-4
            let foreseen = coding.bits(later: tried, tried: tried, quality: quality, frames: 48)
            // By the first frames alone one would think of a third or a tenth.
            let (known, naive) = (abs(log2(foreseen / taken)), abs(log2(tried / taken)))
            #expect(naive > 1.5 && known < 0.7 * naive, "\(tried), \(foreseen), \(taken)")
            // The key frame alone, which takes many times what others do.
            let place = try #require(CodingProbe.qualities.firstIndex(of: quality))
            #expect(coding.key[place] > 3 * tried)
        }
        // It is kept with the survey, which may also be one that knows nothing of it.
        let again = try #require(
            ShotSurvey(try JSONValue(parsing: Array(survey.json.compact.utf8))))
        #expect(again.shots == survey.shots)
        var bare = survey.shots[0]
        bare.coding = nil
        let older = ShotSurvey(shots: [bare], width: 160, height: 96)
        #expect(ShotSurvey(older.json)?.shots == [bare])
    }
}
