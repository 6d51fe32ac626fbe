import Enhancement
import Media
import Quality
import TestSupport
import Testing

@Suite("What subbands would give back")
struct SubbandOracleTests {
    private let folder = TemporaryFolder()

    /// A gray clip of two frames as yuv4mpeg.
    private func clip(_ name: String, _ sample: (Int, Int) -> Int) -> String {
        let (width, height) = (40, 24)
        var bytes = Array("YUV4MPEG2 W\(width) H\(height) F25:1 Ip C420jpeg\n".utf8)
        for _ in 0..<2 {
            bytes += Array("FRAME\n".utf8)
            for y in 0..<height { bytes += (0..<width).map { UInt8(sample($0, y)) } }
            bytes += [UInt8](repeating: 128, count: width * height / 2)
        }
        return folder.write(bytes, to: name)
    }

    /// A subband and the signs that its basis has at (x, y), as even and odd numbers.
    struct Basis: Sendable {
        let choice: SubbandChoice
        let sign: @Sendable (Int, Int) -> Int

        static let all = [
            Basis(choice: SubbandChoice(level: 1, bands: .hl)) { x, _ in x },
            Basis(choice: SubbandChoice(level: 2, bands: .hh)) { x, y in x / 2 + y / 2 },
            Basis(choice: SubbandChoice(level: 3, bands: .lh)) { _, y in y / 4 },
        ]
    }

    @Test(
        "An error in one subband is taken back by that one and by those that hold it, by no other",
        arguments: Basis.all)
    func oneSubband(_ basis: Basis) throws {
        let choice = basis.choice
        let reference = clip("reference.y4m") { 60 + ($0 * $0 + 3 * $1) % 100 }
        let degraded = clip("degraded.y4m") {
            60 + ($0 * $0 + 3 * $1) % 100 + (basis.sign($0, $1) % 2 == 0 ? 5 : -5)
        }
        var oracle = SubbandOracle()
        (oracle.frameStep, oracle.framesPerClip) = (1, 2)
        let result = try oracle(
            TrainingPair(name: "pair", degraded: degraded, reference: reference))
        #expect(result.before.count == 2)
        #expect(result.whole.allSatisfy { $0.psnr == .infinity })
        for other in SubbandChoice.all {
            let measures = try #require(result.replaced[other])
            let holds =
                other.level == choice.level
                && (other.bands == choice.bands || other.bands == .detail)
                || other.level < choice.level && other.bands == .ll
            for (before, after) in zip(result.before, measures) {
                #expect(
                    after.psnr == (holds ? .infinity : before.psnr),
                    "level \(other.level) \(other.bands)")
            }
        }
        // Nothing was asked for that needs other programs or weights.
        #expect(result.before.allSatisfy { $0.seen == PerceptualFigures() })
    }

    @Test("Clips of two sizes are no pair")
    func sizes() throws {
        let reference = clip("reference.y4m") { x, _ in x }
        let other = folder.write(
            Array("YUV4MPEG2 W16 H16 F25:1 Ip C420jpeg\nFRAME\n".utf8)
                + [UInt8](repeating: 90, count: 384), to: "other.y4m")
        #expect(throws: TrainingDataError.self) {
            try SubbandOracle()(
                TrainingPair(name: "pair", degraded: other, reference: reference))
        }
    }
}
