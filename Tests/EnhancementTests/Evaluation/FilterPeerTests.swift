import Enhancement
import Networks
import Tensors
import TestSupport
import Testing

@Suite("Filters of ffmpeg beside the model")
struct FilterPeerTests {
    private let folder = TemporaryFolder()

    /// A hard-compressed clip of eight frames and what it was made of.
    private var pair: TrainingPair {
        ffmpeg(
            "-f lavfi -i testsrc2=size=160x128:rate=25 -frames:v 8 -c:v ffv1 -pix_fmt yuv420p "
                + "file:'\(folder("a.mkv"))'")
        ffmpeg("-i file:'\(folder("a.mkv"))' -c:v libx264 -qp 38 file:'\(folder("b.mkv"))'")
        return TrainingPair(name: "test", degraded: folder("b.mkv"), reference: folder("a.mkv"))
    }

    private func evaluation(_ setting: String, seen: Bool = false) -> PairEvaluation {
        var evaluation = PairEvaluation(nil, options: EnhancementOptions(threads: 1))
        evaluation.filter = FilterPeer(name: "filter", setting: setting)
        if seen { evaluation.measures = PerceptualMeasures() }
        return evaluation
    }

    @Test("The best of the settings is the one that gains most, whatever their order")
    func best() throws {
        let pair = pair
        let settings = ["boxblur=1", "null", "boxblur=4"]
        let gains = try settings.map { try #require(evaluation($0)(pair).lumaGain) }
        #expect(gains[1] == 0 && gains[0] < 0 && gains[2] < gains[0])
        for order in [settings, settings.reversed()] {
            var trials = 0
            let best = try #require(
                FilterPeer.best(
                    "any", of: order, on: [pair], frames: 8, threads: 1,
                    observe: { trials += 1 }))
            #expect(best.filter.setting == "null" && best.gain == 0 && trials == 3)
        }
        // One that does not run is passed over; none that runs is none.
        func best(_ settings: String...) -> String? {
            FilterPeer.best("any", of: settings, on: [pair], frames: 4, threads: 1)?.filter.setting
        }
        #expect(best("nosuchfilter", "boxblur=1") == "boxblur=1")
        #expect(best("nosuchfilter") == nil)
    }

    @Test("The worst frames lose most, and a blur shows in similarity and detail")
    func figures() throws {
        let pair = pair
        // Worse from frame to frame.
        let fading = try evaluation("boxblur=enable='gte(n,4)'")(pair)
        #expect(fading.worst < fading.gain[0])
        let blurred = try evaluation("boxblur=2", seen: true)(pair)
        let seen = try #require(blurred.seen)
        let (before, after) = (seen.structureBefore, seen.structureAfter)
        let (ssimBefore, ssimAfter) = (try #require(before.ssim), try #require(after.ssim))
        #expect(ssimAfter < ssimBefore)
        #expect(after.flicker != nil && after.flicker != before.flicker)
        #expect(seen.detail.levels.allSatisfy { $0.ratioAfter < $0.ratioBefore })
        let untouched = try #require(try evaluation("null", seen: true)(pair).seen)
        #expect(untouched.structureAfter == untouched.structureBefore)
    }

    @Test("A clip that says another shape or range of its samples is looked at as the original is")
    func presentation() throws {
        let pair = pair
        let other = folder("c.mkv")
        ffmpeg(
            "-i file:'\(pair.degraded)' -c copy -aspect 4:3 -color_range pc file:'\(other)'")
        var evaluation = evaluation("boxblur=1", seen: true)
        var random = RandomSource(seed: 2)
        evaluation.measures?.featureWeights = Parameters(
            initialising: CSPDarknet(), using: &random)
        evaluation.pictureFolder = folder.path
        let plain = try #require(try evaluation(pair).seen)
        let named = try #require(
            try evaluation(
                TrainingPair(name: "other", degraded: other, reference: pair.reference)
            ).seen)
        #expect(plain.before.deepFeatures ?? 0 > 0 && plain.before == named.before)
        #expect(plain.after == named.after)
    }

    @Test("A filter that changes the format or drops frames is an error, not a figure")
    func errors() throws {
        let pair = pair
        for setting in ["format=yuv444p", "select='lt(n,3)'", "nosuchfilter"] {
            #expect(throws: TrainingDataError.self) { try evaluation(setting)(pair) }
        }
    }
}
