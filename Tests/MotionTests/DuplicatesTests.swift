import Media
import Motion
import TestSupport
import Testing

@Suite("Duplicates") struct DuplicatesTests {
    private func frame(changing change: (plane: Int, x: Int, y: Int)? = nil) -> Frame {
        let format = FrameFormat(.yuv420)
        let planes = (0..<3).map { index in
            let size = format.planeSize(index, width: 67, height: 35)
            return Plane(width: size.width, height: size.height) { x, y in
                let isChanged = change.map { $0 == (index, x, y) } ?? false
                return (x * 3 + y + index) % 200 + (isChanged ? 1 : 0)
            }
        }
        return Frame(width: 67, height: 35, format: format, planes: planes)
    }

    @Test("Equal samples in other memory and at another time are a duplicate")
    func equal() {
        var later = frame()
        later.timestamp = 99
        #expect(isDuplicate(later, of: frame()))
    }

    @Test("One step in one sample of any plane is not")
    func different() {
        for change in [(0, 66, 34), (0, 0, 0), (1, 33, 17), (2, 12, 3)] {
            #expect(!isDuplicate(frame(changing: change), of: frame()))
        }
        let other = Frame(width: 67, height: 35, format: FrameFormat(.yuv444))
        #expect(!isDuplicate(other, of: frame()))
    }
}
