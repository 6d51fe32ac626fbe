// Looks of people who do one of several things, made up.
import Interaction
import Terminal
import Tensors

@testable import Teaching

/// People whose looks lie around a place of their own for each doing; two of three have the thing near, where it is one that
/// a detector knows.
func knownLooks(
    verbs: Int = 8, each count: Int = 60, width: Int = 24, noise: Double = 0.5, seed: UInt64 = 5,
    things: [String] = []
) -> KnownLooks {
    var random = RandomSource(seed: seed)
    var plain: [Float] = [], mirrored: [Float] = []
    var doings: [Triplet?] = [], measuring: [Bool] = [], near: [Float] = []
    for verb in 0..<verbs {
        let place = (0..<width).map { _ in random.normal() }
        for person in 0..<count {
            let own = place.map { $0 + noise * random.normal() }
            plain += own.map { Float($0) }
            mirrored += own.map { Float($0 + 0.1 * random.normal()) }
            let thing = verb < things.count ? things[verb] : "thing"
            doings.append(Triplet(verb: "verb\(verb)", object: thing))
            var around = [Float](repeating: 0, count: NearThings.count)
            // Every third is not seen.
            if let kind = COCO.index(of: thing), person % 3 > 0 { around[kind] = 0.7 }
            near += around
            measuring.append(person % 5 == 0)
        }
    }
    return KnownLooks(
        plain: Tensor(plain, shape: [verbs * count, width]),
        mirrored: Tensor(mirrored, shape: [verbs * count, width]),
        near: Tensor(near, shape: [verbs * count, NearThings.count]), doings: doings,
        isForMeasuring: measuring, detector: "0123456789abcdef0123")
}

/// A space in which looks are compared as they are, calibrated so that evidence is a logit.
func plainSpace(
    width: Int, known: [[Float]], things: [Int?]? = nil, detector: String = "0123456789abcdef"
) -> LookSpace {
    var eye = [Float](repeating: 0, count: width * width)
    for index in 0..<width { eye[index * width + index] = 1 }
    var space = LookSpace(
        means: Tensor(repeating: 0, shape: [width]),
        deviations: Tensor(repeating: 1, shape: [width]),
        projection: Tensor(eye, shape: [width, width]),
        offset: Tensor(repeating: 0, shape: [width]),
        known: Tensor(known.flatMap { $0 }, shape: [known.count, width]),
        knownThings: things ?? known.map { _ in nil }, detector: detector)
    space.calibration = TeachingCalibration([.init(examples: 1, slope: 1, offset: 0)])
    return space
}

/// An example of a photograph that is nowhere.
func example(
    _ verb: String, _ object: String, _ number: Int, detector: String = "0123456789ab"
) -> TaughtExample {
    TaughtExample(
        Triplet(verb: verb, object: object), photograph: "/photos/\(number).jpg",
        digest: "digest \(number)", human: Box(1, 2, 30, 40.5),
        object: number % 2 == 0 ? Box(5, 6, 7, 8) : nil, detector: detector)
}

/// The status and the line of what goes wrong; empty where nothing does.
func problemLine(_ body: () throws -> Void) -> String {
    do {
        try body()
        return ""
    } catch let error as any ExitCodeProviding {
        return "\(error.exitCode) \(error)"
    } catch { return "\(error)" }
}
