import Glibc
import Media
import Motion
import Quality
import Synchronization
import Tensors
import TestSupport
import Testing

@testable import Enhancement

@Suite("What is recalled")
struct FrameRecallTests {
    private let noise = 6.0

    private func frame(
        _ scene: UInt64, _ time: Int, seed: UInt64, isKey: Bool = false, shift: Int = 0
    ) -> PreparedFrame {
        let frame = RecalledPictures.frame(
            scene: scene, noise: noise, seed: seed, time: time, isKey: isKey, shift: shift)
        return PreparedFrame(frame, estimator: DamageEstimator(), threads: 1)
    }

    /// Scene 1, another, and scene 1 again.
    private func recall() throws -> FrameRecall {
        let keys = [(1, 0), (2, 100), (1, 200)].map { scene, time in
            RecalledPictures.frame(
                scene: UInt64(scene), noise: noise, seed: UInt64(time + 7), time: time, isKey: true)
        }
        return try FrameRecall(try #require(ClipMemory(keys)), threads: 1)
    }

    private func error(_ luma: Plane, scene: UInt64) -> Double {
        let frame = Frame(
            width: luma.width, height: luma.height, format: FrameFormat(.gray), planes: [luma])
        return RecalledPictures.error(frame, scene: scene)
    }

    @Test("What was seen in another group makes a frame better")
    func better() throws {
        let recall = try recall()
        for time in [203, 204] {
            let current = frame(1, time, seed: UInt64(time))
            try recall.follow(current)
            let before = error(current.planes[0], scene: 1)
            let after = error(
                recall.refined(current.planes[0], depth: 8, strength: 1), scene: 1)
            #expect(after < 0.9 * before, "\(time): \(before), \(after)")
        }
        #expect(recall.count == 2)
    }

    @Test("Strength says how much of it, and 0 hands the same samples on")
    func strength() throws {
        let recall = try recall()
        let current = frame(1, 203, seed: 5)
        try recall.follow(current)
        let errors = [0, 0.5, 1].map {
            error(recall.refined(current.planes[0], depth: 8, strength: Float($0)), scene: 1)
        }
        #expect(errors[0] == error(current.planes[0], scene: 1))
        #expect(errors[1] < errors[0] && errors[2] < errors[1])
    }

    @Test("A scene that is nowhere else stays as it is, to the bit")
    func unknown() throws {
        let recall = try recall()
        for (scene, time) in [(2, 103), (3, 104)] as [(UInt64, Int)] {
            let current = frame(scene, time, seed: 9, isKey: true)
            try recall.follow(current)
            let luma = recall.refined(current.planes[0], depth: 8, strength: 1)
            #expect(isSame(luma, current.planes[0]), "scene \(scene)")
        }
        #expect(recall.count == 0)
    }

    @Test("A frame's own group is not recalled: its errors are its own")
    func ownGroup() throws {
        let keys = [(1, 0), (2, 100)].map { scene, time in
            RecalledPictures.frame(
                scene: UInt64(scene), noise: noise, seed: 3, time: time, isKey: true)
        }
        let recall = try FrameRecall(try #require(ClipMemory(keys)), threads: 1)
        try recall.follow(frame(1, 4, seed: 8))
        let current = frame(1, 5, seed: 9)
        #expect(isSame(recall.refined(current.planes[0], depth: 8, strength: 1), current.planes[0]))
    }

    @Test("What moved is brought to where the frame has it")
    func motion() throws {
        let recall = try recall()
        let current = frame(1, 203, seed: 5, shift: 5)
        try recall.follow(current)
        let luma = recall.refined(current.planes[0], depth: 8, strength: 1)
        func errorOfMoved(_ luma: Plane) -> Double {
            let clean = RecalledPictures.frame(scene: 1, noise: 0, seed: 1, time: 0, shift: 5)
            var sum = 0.0
            for y in 8..<56 {
                for x in 8..<80 {
                    let difference = Double(luma[x, y]) - Double(clean.planes[0][x, y])
                    sum += difference * difference
                }
            }
            return sum
        }
        #expect(errorOfMoved(luma) < 0.95 * errorOfMoved(current.planes[0]))
    }

    @Test("A moving scene that is shown again finds the very pictures, not the key frame alone")
    func replay() throws {
        let folder = TemporaryFolder()
        let scenes = [folder("a.mkv"), folder("b.mkv")], clip = folder("clip.mkv")
        // Pictures that grow: what motion leads to from the first frame differs soon. They come back from their
        // fourth frame on, and so are not coded as they were.
        for (path, place) in zip(scenes, ["", ":start_x=-1.2"]) {
            ffmpeg(
                "-f lavfi -i mandelbrot=size=192x128:rate=25:end_scale=0.05:end_pts=60\(place) "
                    + "-frames:v 30 -c:v ffv1 -pix_fmt yuv420p '\(path)'")
        }
        ffmpeg(
            "-i '\(scenes[0])' -i '\(scenes[1])' -filter_complex '[0:v]split[a][c];[1:v]split[b][d];"
                + "[c]trim=start_frame=3,setpts=PTS-STARTPTS[e];[d]trim=start_frame=3,setpts=PTS-STARTPTS[f];"
                + "[a][b][e][f]concat=n=4' -c:v libx264 -qp 34 -g 30 -keyint_min 1 '\(clip)'")
        let coded = try frames(of: clip)
        #expect(coded.count == 114)
        let keys = try #require(ClipMemory(coded)), all = try #require(try ClipMemory(path: clip))
        func errors(_ memory: ClipMemory?) throws -> [Double] {
            let recall = try memory.map { try FrameRecall($0, threads: 1) }
            return try zip(scenes, [60, 87]).map { scene, start in
                let pristine = try frames(of: scene)[3...]
                return try zip(coded[start...], pristine).reduce(0) { sum, pair in
                    let luma = try refined(pair.0, recall)
                    return sum + squaredError(luma, pair.1.planes[0])
                }
            }
        }
        let (none, first, every) = (try errors(nil), try errors(keys), try errors(all))
        for scene in 0..<2 {
            #expect(
                every[scene] < 0.97 * none[scene] && every[scene] < 0.99 * first[scene],
                "\(none), \(first), \(every)")
        }
    }

    private func refined(_ frame: Frame, _ recall: FrameRecall?) throws -> Plane {
        let current = PreparedFrame(frame, estimator: DamageEstimator(), threads: 1)
        try recall?.follow(current)
        return recall?.refined(current.planes[0], depth: 8, strength: 1) ?? current.planes[0]
    }

    @Test("Of a group the key frame is recalled unless another is much nearer, and the same")
    func sightings() {
        func sighting(_ level: Float) -> ClipMemory.Sighting {
            let plane = Plane(width: 96, height: 64, bytesPerSample: 1)
            return ClipMemory.Sighting(
                timestamp: Int64((level * 10).rounded()), luma: plane, depth: 8,
                pyramid: MotionPyramid(luma: plane, depth: 8), quantisers: nil,
                thumbnail: [Float](repeating: level, count: 384))
        }
        let seen = [Float](repeating: 100, count: 384)
        func chosen(_ key: Float, _ others: [Float]?, followed: Float? = nil) -> [Int64] {
            let choice = FrameRecall.choice(
                for: seen, key: sighting(key), followed: followed.map(sighting)
            ) {
                if others == nil { Issue.record("asked for others") }
                return (others ?? []).map(sighting)
            }
            return ([choice.first] + [choice.second].compactMap { $0 }).map(\.timestamp)
        }
        #expect(chosen(101.4, nil) == [1014])
        #expect(chosen(110, [112, 101, 103]) == [1010])
        #expect(chosen(110, [112, 101, 103], followed: 112) == [1010])
        // Not the same, though much nearer: tried where the key frame shows something else.
        #expect(chosen(120, [102]) == [1200, 1020])
        #expect(chosen(120, [102], followed: 104) == [1040])
        // Not much nearer; none.
        #expect(chosen(102, [101.8]) == [1020])
        #expect(chosen(110, []) == [1100])
        #expect(chosen(110, [], followed: 111) == [1110])
    }

    private func frames(of path: String) throws -> [Frame] {
        let reader = try VideoReader(path: path)
        var frames: [Frame] = []
        while let frame = try reader.next() { frames.append(frame) }
        return frames
    }

    private func squaredError(_ a: Plane, _ b: Plane) -> Double {
        (0..<a.height).reduce(0) { sum, y in
            (0..<a.width).reduce(sum) {
                let difference = Double(a[$1, y]) - Double(b[$1, y])
                return $0 + difference * difference
            }
        }
    }

    @Test(
        "What was refused is looked at again as soon as something is nearer, not only after a pause"
    )
    func nearer() throws {
        let recall = try recall()
        // Brighter by as much as is still looked at, and then the scene itself.
        let bright = RecalledPictures.frame(scene: 1, noise: noise, seed: 3, time: 203)
        bright.planes[0].withUnsafeMutableBytes { base in
            for index in 0..<64 * bright.planes[0].bytesPerRow {
                let value = base.load(fromByteOffset: index, as: UInt8.self)
                base.storeBytes(
                    of: UInt8(min(255, Int(value) + 24)), toByteOffset: index, as: UInt8.self)
            }
        }
        try recall.follow(PreparedFrame(bright, estimator: DamageEstimator(), threads: 1))
        _ = recall.refined(bright.planes[0], depth: 8, strength: 1)
        #expect(recall.count == 0)
        let current = frame(1, 204, seed: 4)
        try recall.follow(current)
        _ = recall.refined(current.planes[0], depth: 8, strength: 1)
        #expect(recall.count == 1)
    }

    @Test(
        "What is recalled is told before it is added, whatever it is worth, with what it would change"
    )
    func trials() throws {
        let told = Mutex<[RecallTrial]>([])
        let keys = [(1, 0), (2, 100), (1, 200)].map { scene, time in
            RecalledPictures.frame(
                scene: UInt64(scene), noise: noise, seed: UInt64(time + 7), time: time, isKey: true)
        }
        let recall = try FrameRecall(
            try #require(ClipMemory(keys)), threads: 1,
            observe: { trial in told.withLock { $0.append(trial) } })
        let current = frame(1, 203, seed: 5)
        try recall.follow(current)
        let after = error(recall.refined(current.planes[0], depth: 8, strength: 1), scene: 1)
        let trial = try #require(told.withLock { $0.first })
        #expect(trial.timestamp == 203)
        let pristine = RecalledPictures.frame(scene: 1, noise: 0, seed: 1, time: 0).planes[0]
        let samples = trial.samples(pristine: pristine, depth: 8, threads: 1)
        let blocks = 96 / 8 * 64 / 8
        #expect(samples.count == blocks * RecallTrial.width)
        let weights = RecallWeights(trial.features).values.elements
        var before = 0.0, predicted = 0.0
        for block in 0..<blocks {
            let row = samples[block * RecallTrial.width..<(block + 1) * RecallTrial.width].map(
                Double.init)
            #expect(
                row.prefix(9).map(Float.init)
                    == (0..<9).map { trial.features.values.elements[$0 * blocks + block] })
            let weight = Double(weights[block])
            before += row[9] / Double(blocks)
            predicted +=
                (row[9] + 2 * weight * row[10] + weight * weight * row[11]) / Double(blocks)
        }
        let own = error(current.planes[0], scene: 1)
        #expect(abs(before - own) < 0.05 * own, "\(before), \(own)")
        // Weights lie smoothly between blocks, and samples are rounded.
        #expect(abs(predicted - after) < 0.1 * after, "\(predicted), \(after)")
    }

    /// Trials of frames, one after the other, among keys.
    private func trials(of frames: [PreparedFrame], keys: [Frame]) throws -> [RecallTrial] {
        let told = Mutex<[RecallTrial]>([])
        let recall = try FrameRecall(
            try #require(ClipMemory(keys)), threads: 1,
            observe: { trial in told.withLock { $0.append(trial) } })
        for frame in frames {
            try recall.follow(frame)
            _ = recall.refined(frame.planes[0], depth: 8, strength: 1)
        }
        return told.withLock { $0 }
    }

    @Test("How much better a recalled picture is coded is what its own quantisers say")
    func errors() throws {
        let keys = [(1, 0, 3.0), (2, 100, 9.0), (3, 200, 6.0)].map { scene, time, noise in
            RecalledPictures.frame(
                scene: UInt64(scene), noise: noise, seed: UInt64(time), time: time, isKey: true)
        }
        let frames = [
            frame(1, 203, seed: 5), frame(2, 300, seed: 6, isKey: true), frame(2, 301, seed: 7),
        ]
        let found = try trials(of: frames, keys: keys)
        #expect(found.map(\.timestamp) == [203, 300, 301])
        for (index, trial) in found.enumerated() {
            let ratio = [keys[0], keys[1], keys[1]][index]
            let expected = log(
                FrameRecall.likelyError(DamageMap(ratio))
                    / FrameRecall.likelyError(frames[index].damage))
            let blocks = trial.features.differences.count
            #expect(abs(trial.features.values.elements[4 * blocks] - expected) < 1e-3)
        }
    }

    @Test("What was coded alike is recalled by nobody, and told to who observes")
    func alike() throws {
        let keys = [(1, 0), (2, 100), (3, 200)].map { scene, time in
            RecalledPictures.frame(
                scene: UInt64(scene), noise: noise, seed: UInt64(time + 7), time: time, isKey: true)
        }
        let same = frame(1, 203, seed: 7)
        let recall = try FrameRecall(try #require(ClipMemory(keys)), threads: 1)
        try recall.follow(same)
        let luma = recall.refined(same.planes[0], depth: 8, strength: 1)
        #expect(recall.count == 0 && isSame(luma, same.planes[0]))
        #expect(try trials(of: [same], keys: keys).count == 1)
    }

    @Test("Frames after a key frame are the same wherever reading began")
    func beginnings() throws {
        let frames = (0..<30).map { index in
            frame(
                index < 12 ? 3 : 1, 190 + index, seed: UInt64(index), isKey: index % 10 == 0)
        }
        func refined(from start: Int) throws -> [Plane] {
            let recall = try recall()
            return try frames[start...].map {
                try recall.follow($0)
                return recall.refined($0.planes[0], depth: 8, strength: 1)
            }
        }
        let whole = try refined(from: 0), part = try refined(from: 10)
        for (a, b) in zip(whole[10...], part) { #expect(isSame(a, b)) }
        // Both that something was found and that something was not are in it.
        let changed = zip(whole, frames).count { !isSame($0, $1.planes[0]) }
        #expect(changed > 3 && changed < 27, "\(changed)")
    }

    @Test("A bit depth of its own is kept")
    func depth() throws {
        let recall = try recall()
        let current = frame(1, 203, seed: 5)
        try recall.follow(current)
        let wide = current.planes[0].scaled(from: 8, to: 10)
        let luma = recall.refined(wide, depth: 10, strength: 1)
        let narrow = recall.refined(current.planes[0], depth: 8, strength: 1)
        #expect(luma.bytesPerSample == 2)
        for (x, y) in [(3, 3), (40, 20), (90, 60)] {
            #expect(abs(Double(luma[x, y]) / 4 - Double(narrow[x, y])) <= 0.75)
        }
    }

    private func isSame(_ a: Plane, _ b: Plane) -> Bool {
        (0..<a.height).allSatisfy { y in (0..<a.width).allSatisfy { a[$0, y] == b[$0, y] } }
    }
}
