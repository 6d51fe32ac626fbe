// How long models and encoders take on this machine.
import Compute
import Enhancement
import Media

/// Seconds of the clock that a luma pixel takes here.
public struct MachineSpeed: Sendable {
    /// Of each model at balance 0, by name.
    public var models: [String: Double]
    /// Of decoding and encoding together.
    public var coding: Double

    /// Speeds that are known.
    public init(models: [String: Double], coding: Double) {
        (self.models, self.coding) = (models, coding)
    }

    /// Frames that are timed, of which the fastest counts, after one that is not; and their size.
    static let frames = 3, width = 480, height = 272

    /// Times each model on a few frames of noise.
    ///
    /// - Parameters:
    ///   - survey: Whose frames are encoded, and whose decoding was timed.
    ///   - precision: Of all networks; nil: what suits each best.
    ///   - encode: Encodes frames as the output's will be; returns the seconds that it took.
    /// - Throws: `PlanError` where a network cannot be compiled, and what `encode` throws.
    public init(
        _ models: [String: any RestorationModel], on survey: ShotSurvey,
        options: EnhancementOptions, precision: Precision? = nil, clock: () -> Double,
        encode: ([Frame]) throws -> Double
    ) throws {
        self.models = [:]
        for (name, model) in models {
            self.models[name] = try Self.seconds(of: model, options, precision, clock)
        }
        let pixels = Double(survey.width * survey.height)
        let encoding = try encode(survey.first) / Double(max(1, survey.first.count))
        let decoding = survey.decoding / Double(max(1, survey.frames))
        coding = (encoding + decoding) / pixels
    }

    private static func seconds(
        of model: any RestorationModel, _ options: EnhancementOptions, _ precision: Precision?,
        _ clock: () -> Double
    ) throws -> Double {
        var options = options
        (options.balance, options.strength, options.memory) = (.fixed(0), 1, nil)
        options.gate = DamageGate(zeroStep: 0, fullStep: 0)
        options.precision = precision ?? model.automaticPrecision(at: .fixed(0))
        options.tile = nil
        // One thread waits for no other: beside other programs the models still compare as they do alone.
        let threads = Double(max(1, options.threads))
        options.threads = 1
        let stage = try model.stage(width: width, height: height, options: options)
        // Frames that wait for their neighbours are not done yet; the first that is done is not timed.
        var done = 0, last: Double?, fastest = Double.infinity
        for index in 0..<4 * (frames + Surroundings.largestRadius) where done <= frames {
            guard try stage.push(noise(index)).count == 1 else { continue }
            let now = clock()
            if let last { fastest = min(fastest, now - last) }
            last = now
            done += 1
        }
        return fastest.isFinite ? fastest / threads / Double(width * height) : 0
    }

    /// A picture of which no sample says anything about the next.
    private static func noise(_ index: Int) -> Frame {
        var frame = Frame(width: width, height: height, format: FrameFormat(.yuv420))
        var state = UInt32(truncatingIfNeeded: 2_463_534_242 &+ index &* 7919)
        for plane in frame.planes {
            for y in 0..<plane.height {
                for x in 0..<plane.width {
                    state ^= state << 13
                    state ^= state >> 17
                    state ^= state << 5
                    plane.store(Int(96 + state % 64), x, y)
                }
            }
        }
        frame.timestamp = Int64(index)
        frame.isKey = index == 0
        return frame
    }
}
