// Lost cells are filled along the motion, whatever the samples are, and nothing else is touched.
import Media
import Motion
import TestSupport
import Testing

@Suite struct FlowRepairTests {
    /// A texture that moves by (3, 1) samples a frame.
    private func frame(_ time: Int, _ format: FrameFormat, width: Int = 128, height: Int = 96)
        -> Frame
    {
        drawnFrame(Int64(time), format, width: width, height: height) { x, y in
            let (u, w) = (Double(x - 3 * time), Double(y - time))
            return Int(128 + 50 * sine(u / 7 + w / 11) + 40 * sine(u / 17 - w / 5))
        }
    }

    /// A sine without Glibc's: Bhaskara's approximation is smooth enough for a texture.
    private func sine(_ x: Double) -> Double {
        let turn = x / 6.283185307179586
        let t = (turn - turn.rounded(.down)) * 2
        let (half, sign) = t < 1 ? (t, 1.0) : (t - 1, -1.0)
        let p = half * (1 - half)
        return sign * 16 * p / (5 - 4 * p)
    }

    /// A copy whose lost samples are noise.
    private func damaged(_ frame: Frame, _ lost: LossMap) -> Frame {
        frame.replacingPlanes(
            frame.planes.map { plane in
                let (h, v) = (frame.width / plane.width, frame.height / plane.height)
                return Plane(
                    width: plane.width, height: plane.height, bytesPerSample: plane.bytesPerSample
                ) { x, y in
                    lost.isLost[y * v / 8 * lost.columns + x * h / 8]
                        ? (x &* 7919 &+ y &* 104_729) % frame.format.maximum : plane[x, y]
                }
            })
    }

    /// Mean absolute error in 8-bit steps inside the hole, and samples that changed outside.
    private func compare(_ a: Frame, _ b: Frame, _ lost: LossMap) -> (inside: Double, outside: Int)
    {
        var sum = 0.0, count = 0.0, changed = 0
        for (p, q) in zip(a.planes, b.planes) {
            let (h, v) = (a.width / p.width, a.height / p.height)
            for y in 0..<p.height {
                for x in 0..<p.width {
                    let difference = abs(p[x, y] - q[x, y])
                    if lost.isLost[y * v / 8 * lost.columns + x * h / 8] {
                        sum += Double(difference) * 255 / Double(a.format.maximum)
                        count += 1
                    } else if difference > 0 {
                        changed += 1
                    }
                }
            }
        }
        return (sum / count, changed)
    }

    @Test(
        "A hole between two pictures is filled, in every format",
        arguments: [
            FrameFormat(.yuv420), FrameFormat(.yuv422), FrameFormat(.yuv444), FrameFormat(.gray),
            FrameFormat(.yuv420, depth: 10), FrameFormat(.yuv422, depth: 10),
        ])
    func between(_ format: FrameFormat) {
        let original = frame(5, format)
        let lost = hole(original, rows: 4..<8, columns: 0..<16)
        let picture = damaged(original, lost)
        FlowRepair().repair(picture, lost: lost, others: [4, 6, 3].map { frame($0, format) })
        let result = compare(picture, original, lost)
        #expect(result.inside < 3, "\(result.inside)")
        #expect(result.outside == 0)
    }

    @Test("A hole after all other pictures is filled better than by a copy in place")
    func after() {
        let format = FrameFormat(.yuv420)
        let original = frame(5, format)
        let lost = hole(original, rows: 4..<8, columns: 3..<13)
        let picture = damaged(original, lost)
        FlowRepair().repair(picture, lost: lost, others: [4, 3, 2].map { frame($0, format) })
        let result = compare(picture, original, lost)
        let inPlace = compare(frame(4, format), original, lost)
        #expect(result.inside < 4, "\(result.inside)")
        #expect(result.inside < inPlace.inside / 3, "\(result.inside), \(inPlace.inside)")
        #expect(result.outside == 0)
    }

    @Test("A guess that the decoded samples around contradict has hardly a say")
    func contradicted() {
        let format = FrameFormat(.yuv420)
        let original = frame(5, format)
        let lost = hole(original, rows: 4..<8, columns: 3..<13)
        let picture = damaged(original, lost)
        // What moved far before hardly moves now.
        var earlier = frame(1, format)
        earlier.timestamp = 3
        FlowRepair().repair(picture, lost: lost, others: [frame(4, format), earlier])
        let result = compare(picture, original, lost)
        #expect(result.inside < 4, "\(result.inside)")
    }

    @Test("Without any other picture a hole takes on its borders")
    func alone() {
        let format = FrameFormat(.yuv420)
        let original = frame(0, format)
        let lost = hole(original, rows: 5..<7, columns: 5..<9)
        let picture = damaged(original, lost)
        FlowRepair().repair(picture, lost: lost, others: [])
        let result = compare(picture, original, lost)
        let noise = compare(damaged(original, lost), original, lost)
        #expect(result.inside < noise.inside / 2)
        #expect(result.outside == 0)
    }

    @Test(
        "Without any other picture what bends one way along a hole and the other across it goes on")
    func bent() {
        // Harmonic: of such a picture a membrane over the hole is what was there.
        let original = drawnFrame { x, y in
            min(max(128 + ((x - 48) * (x - 48) - (y - 48) * (y - 48)) / 20, 0), 255)
        }
        let lost = hole(original, rows: 3..<9, columns: 5..<7)
        let picture = damaged(original, lost)
        FlowRepair().repair(picture, lost: lost, others: [])
        #expect(compare(picture, original, lost).inside < 1)
    }

    @Test("Pictures of another size or format, and a picture lost whole, do no harm")
    func unusable() {
        let format = FrameFormat(.yuv420)
        let original = frame(5, format)
        var lost = hole(original, rows: 0..<12, columns: 0..<16)
        let whole = damaged(original, lost)
        FlowRepair().repair(whole, lost: lost, others: [frame(4, format)])
        #expect(compare(whole, frame(4, format), lost).inside < 1)
        lost = hole(original, rows: 5..<7, columns: 5..<9)
        let picture = damaged(original, lost)
        FlowRepair().repair(
            picture, lost: lost,
            others: [frame(4, FrameFormat(.yuv444)), frame(4, format, width: 64, height: 64)])
        #expect(compare(picture, original, lost).outside == 0)
    }
}
