// Parts of a video keep together to a size.
import Glibc
import Tensors
import Testing

@testable import Media

@Suite("Sizes of parts") struct PartCourseTests {
    private func video(seconds: Double) -> VideoDescription {
        let frame = Frame(width: 64, height: 64, format: FrameFormat(.yuv420, depth: 8))
        var video = VideoDescription(frame: frame, frameRate: Rational(25, 1))
        video.duration = seconds
        video.sourceBitrate = 100_000
        return video
    }

    /// A course of parts of 4 s, whose sources take what `weights` say of 100 kbit/s.
    private func course(
        _ weights: [Double], _ size: SizePolicy = .keep, _ encoder: String = "libx264",
        crf: Double? = nil, ratio: Double? = 0.97
    ) throws -> PartCourse {
        var settings = EncoderSettings(encoder: encoder, crf: crf, size: size)
        settings.fittedQuality = ratio == nil ? nil : 30
        return try #require(
            try PartCourse(
                weights.map { (bytes: Int($0 * 50_000), seconds: 4) },
                video: video(seconds: 4 * Double(weights.count)), settings: settings, ratio: ratio,
                otherBitrate: 0, path: "out.mkv"))
    }

    /// Works all parts, each taking what was foreseen times its factor, by its quality.
    private func work(_ course: PartCourse, _ factors: [Double]) -> [(bits: Double, rate: PartRate)]
    {
        var done: [(bits: Double, rate: PartRate)] = []
        for (part, factor) in zip(course.parts, factors) {
            let rate = course.next(after: done.map(\.bits))
            done.append((part.bits * factor * exp2(-rate.coarser / course.halving), rate))
        }
        return done
    }

    @Test(
        "However far the trial was off, the sum comes near what is allowed, and not beyond it",
        arguments: [0.7, 0.9, 1, 1.2, 1.5], [8, 30, 200])
    func sum(_ bias: Double, _ count: Int) throws {
        var random = RandomSource(seed: 7)
        let weights = (0..<count).map { _ in Double.random(in: 0.4..<1.6, using: &random) }
        let mean = weights.reduce(0, +) / Double(count)
        let course = try course(weights.map { $0 / mean })
        let done = work(
            course, weights.map { _ in bias * Double.random(in: 0.8..<1.2, using: &random) })
        let share = done.reduce(0) { $0 + $1.bits } / course.budget
        #expect(share > 0.9 && share <= 1, "\(share)")
        // The quality that a biased trial missed is found, and then kept.
        let right = course.halving * log2(bias * 0.97 / 0.98)
        let later = done[(count / 2)..<(count - 3)].map(\.rate.coarser)
        #expect(later.allSatisfy { abs($0 - right) < 3 }, "\(later), \(right)")
        let middle = later.reduce(0, +) / Double(later.count)
        if count > 8 { #expect(abs(middle - right) < 1.5, "\(middle), \(right)") }
    }

    @Test("The first part is encoded as the trial says, and the guard is the same for all")
    func first() throws {
        let course = try course([1, 2, 0.5, 0.5])
        let done = work(course, [1, 1, 1, 1])
        #expect(abs(done[0].rate.coarser) < 0.35 && done[0].rate.fill == 1)
        #expect(Set(done.map(\.rate.maximumRate)).count == 1)
        #expect(Set(done.map(\.rate.bufferSize)).count == 1)
        #expect(done[0].rate.maximumRate! >= 100_000)
        #expect(done.allSatisfy { abs($0.rate.coarser) < 0.35 })
    }

    @Test("Who takes too much leaves the last one a guard, and less quality")
    func guarded() throws {
        let course = try course([1, 1, 1, 1])
        let bits = course.parts[0].bits
        let usual = course.next(after: [bits, bits, bits])
        let after = course.next(after: [bits, 1.1 * bits, 1.1 * bits])
        #expect(after.fill! < usual.fill! && after.coarser > usual.coarser + 1)
        let most = course.budget - 3.2 * bits
        #expect((after.fill! - 0.5) * course.buffer! + course.guardRate! * 4 <= most * 1.001)
        // Nothing is left at all: as coarse as may be, the buffer empty.
        let none = course.next(after: [2 * bits, 2 * bits, 2 * bits])
        #expect(abs(none.coarser - 9) < 1e-9 && none.fill == 0.02)
    }

    @Test("A part in the middle may not take what those after it will need")
    func later() throws {
        let course = try course([1, 1, 1, 1])
        let bits = course.parts[0].bits, buffer = try #require(course.buffer)
        let rate = try #require(course.guardRate)
        for first in [1.2, 1.5, 1.8] {
            let second = course.next(after: [first * bits])
            let most = (try #require(second.fill) - 0.5) * buffer + 4 * rate
            // Two come after it, no dearer than they were thought.
            let needed = 2 * bits * exp2(-second.coarser / course.halving)
            #expect(most <= course.budget - first * bits - 0.6 * needed + 1, "\(first)")
        }
    }

    @Test("The encoder of a part is told its guard, and how full that begins")
    func told() {
        let whole = RateControl(crf: 30, maximumRate: 500_000, bufferSize: 900_000)
        let part = PartRate(coarser: 1.5, fill: 0.3, maximumRate: 400_000, bufferSize: 700_000)
        let rate = whole.with(part, steers: true)
        #expect(rate.crf == 31.5 && rate.initialFill == 0.3)
        #expect(rate.maximumRate == 400_000 && rate.bufferSize == 700_000)
        let plain = whole.with(PartRate(), steers: true)
        #expect(plain.crf == 30 && plain.initialFill == nil)
        #expect(plain.maximumRate == 500_000 && plain.bufferSize == 900_000)
    }

    @Test(
        "The guard is there for parts even where the whole needs none, since all frames were tried")
    func fitted() {
        let frame = Frame(width: 64, height: 64, format: FrameFormat(.yuv420, depth: 8))
        var settings = EncoderSettings(encoder: "libx264", size: .keep)
        settings.isFitExact = true
        let video = VideoDescription(frame: frame, frameRate: Rational(25, 1))
        #expect(SizeFacts(video, otherBitrate: 0, settings).isFitExact)
        settings.part = PartRate()
        #expect(!SizeFacts(video, otherBitrate: 0, settings).isFitExact)
    }

    @Test("A person's own quality is kept; the guard goes on where the part before left it")
    func own() throws {
        let course = try course([1, 1, 1, 1], crf: 24)
        let rate = course.guardRate!, buffer = course.buffer!
        #expect(course.next(after: [] as [Double]).fill == 0.9)
        let after = course.next(after: [4 * rate + 0.3 * buffer])
        #expect(after.coarser == 0 && abs(after.fill! - 0.6) < 1e-6)
        // What one leaves, the next one has.
        #expect(course.next(after: [0] as [Double]).fill == 1)
    }

    @Test("Where nobody tried, an average is steered by what parts take")
    func average() throws {
        let course = try course([1, 1, 1, 1, 1, 1], ratio: nil)
        let even = course.parts[0].bits
        let after = course.next(after: [1.5 * even, 1.5 * even])
        #expect(after.coarser > 0)
        let told = RateControl(bitrate: 90_000).with(after, steers: true)
        #expect(told.bitrate! < 90_000)
        #expect(RateControl(bitrate: 90_000).with(after, steers: false).bitrate == 90_000)
    }

    @Test("Qualities come in the steps that the encoder has, and never finer than the finest")
    func steps() throws {
        let course = try course([1, 1, 1, 1], .factor(2), "libsvtav1")
        for bits in [0.2, 0.6, 1.7, 2.4] {
            let next = course.next(after: [bits * course.parts[0].bits])
            #expect(next.coarser == next.coarser.rounded(), "\(next.coarser)")
        }
        var settings = EncoderSettings(encoder: "libx264", size: .factor(50))
        settings.fittedQuality = 12.5
        let fine = try #require(
            try PartCourse(
                [(50_000, 4), (50_000, 4)], video: video(seconds: 8), settings: settings,
                ratio: 2, otherBitrate: 0, path: "out.mkv"))
        #expect(fine.next(after: [] as [Double]).coarser == -0.5)
    }

    @Test(
        "Near the coarsest quality there is nothing but the guard, which goes on from part to part")
    func coarsest() throws {
        func course(_ quality: Double) throws -> PartCourse {
            var settings = EncoderSettings(encoder: "libx264", size: .keep)
            settings.fittedQuality = quality
            return try #require(
                try PartCourse(
                    (0..<6).map { _ in (bytes: 50_000, seconds: 4.0) }, video: video(seconds: 24),
                    settings: settings, ratio: 0.97, otherBitrate: 0, path: "out.mkv"))
        }
        #expect(try course(45).isFollowed && !course(45.5).isFollowed)
        let late = try course(48)
        #expect(late.next(after: [] as [Double]).fill == 0.9)
        let rate = try #require(late.guardRate), buffer = try #require(late.buffer)
        // However each part takes all that its encoder lets it, the sum is kept.
        #expect(rate * 24 + 0.9 * buffer <= late.budget * 1.001)
        let after = late.next(after: [4 * rate + 0.5 * buffer])
        #expect(abs(try #require(after.fill) - 0.4) < 1e-9 && after.coarser > 0)
    }

    @Test("Without a size that somebody named, or with one part, there is no course")
    func none() throws {
        for (size, count) in [(SizePolicy.auto, 3), (.max, 3), (.keep, 1)] {
            let course = try PartCourse(
                (0..<count).map { _ in (bytes: 1000, seconds: 4.0) }, video: video(seconds: 12),
                settings: EncoderSettings(encoder: "libx264", size: size), ratio: nil,
                otherBitrate: 0, path: "out.mkv")
            #expect(course == nil)
        }
    }

    @Test("No encoder is told of a buffer that it does not take", arguments: [20.0, 200, 9000])
    func longest(_ duration: Double) throws {
        for encoder in [Encoder.svtAV1, .x264] {
            for quality in [nil, 30.0] {
                let rate = try SizePolicy.keep.rateControl(
                    SizeFacts(
                        videoBitrate: 100_000, duration: duration, fittedQuality: quality),
                    crf: nil, encoder: encoder, path: "out.mkv")
                let seconds = Double(rate.bufferSize!) / Double(rate.maximumRate!)
                if encoder == .svtAV1 { #expect(seconds <= 10, "\(seconds)") }
                #expect(seconds > 1)
                // Whatever the buffer, the sum is kept.
                let most = Double(rate.maximumRate!) * duration + 0.9 * Double(rate.bufferSize!)
                #expect(most <= 100_000 * duration * 1.001)
            }
        }
    }
}
