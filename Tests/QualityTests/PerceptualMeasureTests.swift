import Media
import Networks
import Quality
import Tensors
import TestSupport
import Testing

private let sharp = picture(70, 50) { x, y, c in (x * x * 7 + y * y * 3 + 40 * c) % 256 }
/// Every picture element averaged with its neighbour.
private let soft = picture(70, 50) { x, y, c in
    let next = min(x + 1, 69)
    return ((x * x * 7 + y * y * 3 + 40 * c) % 256 + (next * next * 7 + y * y * 3 + 40 * c) % 256)
        / 2
}

@Suite("Deep features")
struct DeepFeatureDistanceTests {
    @Test("Equal pictures have no distance, others one that does not depend on their order")
    func distance() throws {
        var random = RandomSource(seed: 2)
        let weights = Parameters(initialising: CSPDarknet(), using: &random)
        let measure = try DeepFeatureDistance(weights: weights, width: 70, height: 50, threads: 1)
        #expect(try measure(sharp, sharp) == 0)
        let there = try measure(sharp, soft), back = try measure(soft, sharp)
        #expect(there > 0 && there <= 2)
        #expect(abs(there - back) < 1e-6)
    }

    @Test("Training and measuring read different layers")
    func layers() {
        #expect(Set(DeepFeatures.measured).isDisjoint(with: DeepFeatures.trained))
    }

    @Test(
        "Trained weights see blur as more distant than a shift of all colours by one",
        .enabled(if: dataFolder != nil, "PERCEPT_DATA is not set"))
    func blur() throws {
        let weights = try DeepFeatures.weights(
            contentsOf: dataFolder! + "/weights/yolox_nano_coco_folded.safetensors")
        let measure = try DeepFeatureDistance(weights: weights, width: 70, height: 50, threads: 1)
        let shifted = picture(70, 50) { x, y, c in
            min(255, Int(sharp.pixels[3 * (y * 70 + x) + c]) + 1)
        }
        #expect(try measure(sharp, soft) > 20 * measure(sharp, shifted))
    }
}

@Suite("Measures of other programs")
struct ExternalMeasureTests {
    @Test(
        "Equal pictures differ by nothing, blur by more than little",
        arguments: ExternalMeasure.allCases)
    func programs(_ measure: ExternalMeasure) throws {
        guard measure.isAvailable else {
            #expect(measure(sharp, soft) == nil)
            return
        }
        let equal = try #require(measure(sharp, sharp)),
            blurred = try #require(measure(sharp, soft))
        if measure.growsWithQuality {
            #expect(equal > 99.9 && blurred < 90)
        } else {
            #expect(equal < 1e-3 && blurred > 10 * max(equal, 1e-3))
        }
    }
}
