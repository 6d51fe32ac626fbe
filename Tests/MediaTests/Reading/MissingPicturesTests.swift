// Which pictures of an MPEG-2 video are missing is foreseen from those before, and others stand in for them.
import TestSupport
import Testing

@testable import Media

@Suite struct MissingPicturesTests {
    typealias Picture = MissingPictures.Picture

    /// Pictures in the order of decoding, where others are predicted from one in so many; a duration is ten ticks.
    private func course(_ count: Int, spacing: Int) -> [Picture] {
        var result: [Picture] = []
        var shown = Int64(0)
        func add(_ isBetween: Bool, _ place: Int64) {
            result.append(
                Picture(isBetween: isBetween, shown: place * 10, decoded: Int64(result.count) * 10))
        }
        add(false, 0)
        while result.count < count {
            shown += Int64(spacing)
            add(false, shown)
            for place in shown - Int64(spacing) + 1..<shown { add(true, place) }
        }
        return Array(result.prefix(count))
    }

    /// What is said to be missing, where pictures of some numbers are.
    private func found(
        _ course: [Picture], without numbers: Set<Int>, duration: Int64 = 10, late: Int? = nil
    ) -> [Picture] {
        var missing = MissingPictures()
        var result: [Picture] = []
        for (number, picture) in course.enumerated() where !numbers.contains(number) {
            var picture = picture
            picture.shown += number == late ? 4 : 0
            result += missing.before(picture, duration: duration)
        }
        return result
    }

    @Test("Pictures that are missing are named with type and times", arguments: 1...4)
    func named(_ spacing: Int) {
        let whole = course(40, spacing: spacing)
        #expect(found(whole, without: []) == [])
        for number in 1..<38 {
            for count in 1...4 where number + count < 39 {
                let numbers = Set(number..<number + count)
                let found = found(whole, without: numbers)
                // At the beginning the order is not known yet, and what is like the usual one is taken for it.
                if number > spacing + 1 {
                    #expect(found == numbers.sorted().map { whole[$0] }, "\(spacing) \(numbers)")
                } else {
                    #expect(found.count == count || found.isEmpty)
                }
            }
        }
        // Several times.
        #expect(found(whole, without: [12, 21, 22, 30]) == [12, 21, 22, 30].map { whole[$0] })
    }

    @Test("At first the order is taken for the usual one")
    func first() {
        let whole = course(20, spacing: 3)
        #expect(found(whole, without: [1]) == [whole[1]])
        #expect(found(whole, without: [1, 2, 3]) == [whole[1], whole[2], whole[3]])
    }

    @Test("Nothing is said of long gaps, other times and other orders")
    func unknown() {
        let whole = course(40, spacing: 3)
        #expect(found(whole, without: Set(10..<10 + MissingPictures.limit)).count == 12)
        #expect(found(whole, without: Set(10...10 + MissingPictures.limit)) == [])
        #expect(found(whole, without: [10], duration: 0) == [])
        #expect(found(whole, without: [10], duration: 7) == [])
        #expect(found(whole, without: [10], late: 11) == [])
        #expect(found(whole, without: [10], late: 7) == [])
        // A key frame that follows at once where another picture was foreseen.
        var other = whole
        other[13] = Picture(isBetween: false, shown: 95, decoded: 130)
        #expect(found(other, without: [11, 12]) == [])
        // Times that overflow.
        var missing = MissingPictures()
        #expect(
            missing.before(Picture(isBetween: false, shown: 0, decoded: .min), duration: 1) == [])
        #expect(
            missing.before(Picture(isBetween: false, shown: 9, decoded: .max), duration: 1) == [])
        missing.flush()
        for decoded in [Int64(0), 30] {
            let late = Picture(isBetween: decoded > 0, shown: .max - decoded, decoded: decoded)
            #expect(missing.before(late, duration: 10) == [])
        }
    }

    @Test("After a jump nothing is missing")
    func flush() {
        let whole = course(20, spacing: 3)
        var missing = MissingPictures()
        for picture in whole.prefix(8) { #expect(missing.before(picture, duration: 10) == []) }
        missing.flush()
        #expect(missing.before(whole[12], duration: 10) == [])
    }
}

@Suite struct RepeatedPictureTests {
    let folder = TemporaryFolder()

    @Test(
        "A decoder makes of it the picture before", arguments: [false, true], ["160x96", "72x50"])
    func decoded(_ isBetween: Bool, _ size: String) throws {
        let path = folder("a.m2v")
        ffmpeg(
            "-f lavfi -i testsrc2=s=\(size):r=25:d=0.4 -pix_fmt yuv420p -c:v mpeg2video -q:v 3 -bf 0 -g 20"
                + " -f mpeg2video '\(path)'")
        let plain = try allFrames(VideoReader(path: path))
        try #require(plain.count == 10)
        let sides = size.split(separator: "x").compactMap { Int($0) }
        let repeated = try #require(RepeatedPicture(width: sides[0], height: sides[1]))
        var bytes = readBytes(path)
        let places = bytes.indices.dropLast(3).filter {
            bytes[$0] == 0 && bytes[$0 + 1] == 0 && bytes[$0 + 2] == 1 && bytes[$0 + 3] == 0
        }
        // In front of the sixth picture.
        bytes.insert(contentsOf: repeated.bytes(isBetween: isBetween, place: 5), at: places[5])
        writeBytes(bytes, to: folder("b.m2v"))
        let frames = try allFrames(VideoReader(path: folder("b.m2v")))
        #expect(frames.count == 11)
        let (before, rest) = (plain.prefix(isBetween ? 4 : 5), plain.dropFirst(5))
        // A picture between two others repeats the older one, and is shown in front of the newer.
        let expected =
            isBetween
            ? Array(before) + [plain[3], plain[4]] + rest : Array(before) + [plain[4]] + rest
        #expect(frames.map(rawBytes) == expected.map(rawBytes))
    }

    @Test("None is made that a slice's place does not fit into")
    func sizes() {
        #expect(RepeatedPicture(width: 1920, height: 2800) != nil)
        #expect(RepeatedPicture(width: 1920, height: 2801) == nil)
        #expect(RepeatedPicture(width: 0, height: 16) == nil)
    }
}
