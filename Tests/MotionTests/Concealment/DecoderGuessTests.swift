// What the decoder filled a hole with counts where motion explains little, and less where it breaks off.
import Media
import Testing

@testable import Motion

@Suite struct DecoderGuessTests {
    private func frame(
        _ time: Int64, depth: Int = 8, _ value: (Int, Int) -> Int
    ) -> Frame {
        drawnFrame(time, FrameFormat(.yuv420, depth: depth), width: 96) { value($0, $1) }
    }

    /// Waves that no motion leads to from noise.
    private func waves(_ x: Int, _ y: Int) -> Int {
        100 + (x / 4 % 16 - 8) * (x / 4 % 16 - 8) / 2 + y / 3
    }

    private func noise(_ x: Int, _ y: Int) -> Int { (x &* 7919 &+ y &* 104_729) >> 3 & 255 }

    private var lost: LossMap { hole(frame(0, noise), rows: 5..<7) }

    private func error(_ a: Frame, _ b: Frame) -> Double {
        var sum = 0
        for y in 40..<56 { for x in 0..<96 { sum += abs(a.planes[0][x, y] - b.planes[0][x, y]) } }
        return Double(sum) / (16 * 96)
    }

    @Test("Where no motion explains what is around, the decoder's guess fills the hole")
    func unexplained() {
        let original = frame(5, waves)
        let others = [frame(4, noise), frame(3) { noise($1, $0) }]
        let (with, without) = (frame(5, waves), frame(5, waves))
        FlowRepair().repair(with, lost: lost, others: others, concealed: original)
        FlowRepair().repair(without, lost: lost, others: others)
        #expect(error(with, original) < 6, "\(error(with, original))")
        #expect(error(without, original) > 20, "\(error(without, original))")
        let plain = frame(5, waves)
        FlowRepair(.around).repair(plain, lost: lost, others: others, concealed: original)
        #expect(error(plain, original) > 20, "a plain copy takes nothing from the decoder")
    }

    @Test("Where motion explains what is around, a wrong guess does little harm")
    func explained() {
        let original = frame(5, waves)
        let picture = frame(5, waves)
        FlowRepair().repair(
            picture, lost: lost, others: [frame(4, waves), frame(3, waves)],
            concealed: frame(5) { waves($0, $1) ^ 64 })
        #expect(error(picture, original) < 1, "\(error(picture, original))")
    }

    @Test("A guess of another size is not looked at")
    func unusable() {
        let planes = [(32, 32), (16, 16), (16, 16)].map {
            Plane(width: $0.0, height: $0.1, bytesPerSample: 1) { _, _ in 0 }
        }
        let small = Frame(width: 32, height: 32, format: FrameFormat(.yuv420), planes: planes)
        let picture = frame(5, waves)
        FlowRepair().repair(picture, lost: lost, others: [frame(4, waves)], concealed: small)
        #expect(error(picture, frame(5, waves)) < 1)
    }

    @Test("A slope that goes on is no break, a step is one by its square, at every side")
    func breaks() {
        let known = frame(0) { $0 + $1 / 2 * 2 }.planes[0]
        var map = LossMap(width: 96, height: 96)
        let hole = 4 * map.columns + 4
        map.isLost[hole] = true
        let ramp = frame(0) { $0 + $1 }.planes[0]
        let step = frame(0) { $0 + $1 + 10 }.planes[0]
        #expect(map.breakAtBorder(of: hole, ramp, beside: ramp) == 0)
        #expect(map.breakAtBorder(of: hole, step, beside: ramp) == 100)
        // What breaks off around as well is no fault of the guess: both have steps in every second row.
        let usual = map.breakAtBorder(of: hole, known, beside: known) ?? .nan
        #expect(usual <= 1, "\(usual)")
        // Only the borders that a cell has with decoded ones count.
        for beside in [-map.columns, map.columns, -1] { map.isLost[hole + beside] = true }
        let left = frame(0) { x, y in x + y + (x < 39 ? 10 : 0) }.planes[0]
        let right = map.breakAtBorder(of: hole, left, beside: ramp) ?? .nan
        #expect(right < 100 && map.breakAtBorder(of: hole, step, beside: ramp) == 100)
        map.isLost[hole + 1] = true
        #expect(map.breakAtBorder(of: hole, step, beside: ramp) == nil)
    }

    @Test("Weights are the same for samples of any depth")
    func depths() {
        let guess = { (x: Int, y: Int) in self.waves(x, y) + 12 }
        let a = DecoderGuess(frame(0, guess), of: frame(0, waves), lost)
        let b = DecoderGuess(frame(0, depth: 10, guess), of: frame(0, depth: 10, waves), lost)
        #expect(abs(a.weight(40, 48) - b.weight(40, 48)) <= 1e-6 * a.weight(40, 48))
        let exact = DecoderGuess(frame(0, waves), of: frame(0, waves), lost)
        #expect(exact.weight(40, 48) > 1.2 * a.weight(40, 48))
    }
}
