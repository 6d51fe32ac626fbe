// What 'bench finding' asks and is asked: clips and photographs of PERCEPT_DATA, and copies of clips made here.
import Finding
import Glibc
import Media
import Tensors

/// One half of the data: what memories are tuned by, or what is reported.
struct FindingData {
    /// A picture of a copy, and where it is from.
    struct Query {
        let clip: Int, time: Double, picture: SmallPicture
    }

    /// The clips' files, and what is remembered of them.
    let clips: [String]
    let keys: [[KeyPicture]]
    /// Photographs that are remembered too, and others that are not.
    let photographs: [UprightPicture], foreign: [UprightPicture]
    private let folder: String

    /// Ways to make a copy, as filters of ffmpeg, and what the row is called.
    static let copies: [(name: String, filter: String, options: String)] = [
        ("half size, qp 37", "scale=iw/2:-2", "-qp 37"),
        ("mirrored", "hflip", "-qp 23"),
        ("of another shape", "scale=320:240", "-qp 28"),
        ("brighter, paler", "eq=contrast=0.8:brightness=0.06:saturation=0.8", "-qp 23"),
        ("left half black", "drawbox=0:0:iw/2:ih:black:fill", "-qp 28"),
        ("right half grey", "drawbox=iw/2:0:iw/2:ih:gray:fill", "-qp 28"),
        (
            "upper half other",
            "split[a][b];[b]crop=iw:ih/2:0:ih/2,hflip,vflip,hue=h=120[c];[a][c]overlay=0:0",
            "-qp 28"
        ),
        (
            "lower half blurred",
            "split[a][b];[b]crop=iw:ih/2:0:ih/2,boxblur=20[c];[a][c]overlay=0:H/2", "-qp 28"
        ),
        ("middle covered", "drawbox=iw*0.15:ih*0.15:iw*0.7:ih*0.7:white:fill", "-qp 28"),
        ("middle covered, top to bottom", "drawbox=iw/4:0:iw/2:ih:0x3060A0:fill", "-qp 28"),
        (
            "middle other, side to side",
            "split[a][b];[b]crop=iw:ih/2:0:ih/4,hflip,vflip,hue=h=120[c];[a][c]overlay=0:H/4",
            "-qp 28"
        ),
        ("left half alone", "crop=iw/2:ih:0:0", "-qp 23"),
        ("lower half alone", "crop=iw:ih/2:0:ih/2", "-qp 23"),
        ("a piece of 71 %", "crop=iw*0.71:ih*0.71:iw*0.22:ih*0.1", "-qp 28"),
        ("bars above and below", "pad=iw:ih*4/3:0:ih/6", "-qp 28"),
    ]

    /// - Parameters:
    ///   - side: 0 for tuning, 1 for what is reported; they share no file.
    ///   - most: About so many photographs are read; an eighth of them is remembered by no memory.
    init(_ data: String, side: Int, folder: String, photographs most: Int = .max) throws {
        self.folder = folder
        let names = try Folder.names(in: "\(data)/video").filter(MediaName.isVideo)
        // Neighbours by name are often of one kind: whole pairs go to either side.
        clips = names.enumerated().filter { $0.offset / 2 % 2 == side }
            .map { "\(data)/video/\($0.element)" }
        keys = try clips.map { path in
            var keys: [KeyPicture] = []
            _ = try KeyPictureReader(path).read { picture, _ in keys.append(picture) }
            return keys
        }
        let photographs = ["hoi/images/stanford40", "hoi/images/coco", "stills/bsds500"].flatMap {
            part in
            ((try? Folder.names(in: "\(data)/\(part)")) ?? []).map { "\(data)/\(part)/\($0)" }
        }.enumerated().filter { $0.offset % 2 == side }.map(\.element)
        func pictures(_ paths: [String]) throws -> [UprightPicture] {
            try paths.compactMap { try StillReader(path: $0).next()?.upright() }
        }
        // Every so many, so that few are of all kinds.
        let step = max(1, photographs.count / max(1, most))
        let chosen = photographs.enumerated().filter { $0.offset % step == 0 }.map(\.element)
        foreign = try pictures(chosen.enumerated().filter { $0.offset % 8 == 5 }.map(\.element))
        self.photographs = try pictures(
            chosen.enumerated().filter { $0.offset % 8 != 5 }.map(\.element))
    }

    /// Pictures of copies of all clips: every `step`th, from the second on.
    func queries(_ copy: (name: String, filter: String, options: String), every step: Int) throws
        -> [Query]
    {
        var queries: [Query] = []
        for (clip, path) in clips.enumerated() {
            let made = "\(folder)/copy.mkv"
            let line =
                "nice ffmpeg -v error -y -threads 1 -i '\(path)' -filter_complex '\(copy.filter)' "
                + "-c:v libx264 -preset veryfast \(copy.options) -pix_fmt yuv420p '\(made)'"
            guard system(line) == 0 else { throw FindingBenchmarkError.command(line) }
            let reader = try VideoReader(path: made, options: ReadOptions(threads: 1))
            var index = 0
            while let frame = try reader.next() {
                defer { index += 1 }
                guard index % step == 1 else { continue }
                queries.append(
                    Query(
                        clip: clip, time: reader.seconds(frame),
                        picture: SmallPicture(frame.upright())))
            }
        }
        return queries
    }

    /// A memory of the clips, and of so many other pictures: photographs, then pieces of them.
    func memory(others count: Int, threads: Int) throws -> PictureMemory {
        var fine: [Float] = [], coarse: [Float] = [], names: [String] = []
        var videos: [IndexedVideo] = []
        func add(
            _ path: String, _ pictures: [(time: Double, pattern: PicturePattern)], _ shots: [Double]
        ) {
            let number = videos.count + 1
            videos.append(
                IndexedVideo(
                    number: number, path: path,
                    summary: .init(width: 16, height: 9, duration: pictures.last?.time ?? 0),
                    pictures: pictures.count, shots: shots))
            for picture in pictures {
                fine += picture.pattern.fine
                coarse += picture.pattern.coarse
                names.append("\(number) \(Int((picture.time * 1000).rounded()))")
            }
        }
        for (path, keys) in zip(clips, keys) {
            add(path, keys.map { ($0.time, $0.pattern) }, keys.filter(\.beginsShot).map(\.time))
        }
        var random = RandomSource(seed: 7)
        for index in 0..<count {
            let photograph = photographs[index % photographs.count]
            let picture =
                index < photographs.count ? photograph : photograph.piece(using: &random)
            add("photograph \(index)", [(0, PicturePattern(SmallPicture(picture)))], [0])
        }
        return try PictureMemory(
            videos, keys: Tensor(fine, shape: [names.count, PicturePattern.width]),
            coarse: Tensor(coarse, shape: [names.count, PicturePattern.coarseWidth]),
            names: names, threads: threads)
    }
}

enum FindingBenchmarkError: Error {
    case noData
    case command(String)
}

extension UprightPicture {
    /// A piece of half to nine tenths of each side, anywhere, mirrored or not.
    func piece(using random: inout RandomSource) -> UprightPicture {
        func part(_ whole: Int) -> (Int, Int) {
            let length = max(1, Int(Double(whole) * Double.random(in: 0.5...0.9, using: &random)))
            return (Int.random(in: 0...(whole - length), using: &random), length)
        }
        let (x, w) = part(width), (y, h) = part(height)
        var piece: [UInt8] = []
        piece.reserveCapacity(3 * w * h)
        for row in y..<y + h {
            piece += pixels[3 * (row * width + x)..<3 * (row * width + x + w)]
        }
        let picture = UprightPicture(width: w, height: h, pixels: piece)
        return Bool.random(using: &random) ? picture.mirrored : picture
    }
}
