import Testing

@testable import Interaction

@Suite("Choosing frames")
struct FrameChoiceTests {
    @Test("Two a second, whatever the rate, unless said")
    func automatic() {
        #expect(FrameChoice.automatic.step(rate: 25) == 13)
        #expect(FrameChoice.automatic.step(rate: 1) == 1)
        #expect(FrameChoice.automatic.step(rate: 0) == 12)
        #expect(FrameChoice.every(7).step(rate: 25) == 7)
        #expect(FrameChoice.keyFrames.step(rate: 25) == 1)
    }
}
