import Interaction
import Tensors
import TestSupport
import Testing

@Suite("Making pictures ready")
struct DetectorEyeTests {
    @Test("A view is the letterbox's tensor", arguments: DetectorInput.allCases)
    func view(input: DetectorInput) {
        let source = picture(40, 30) { x, y, c in 3 * x + 5 * y + c }
        let view = DetectorEye(side: 64, input: input).view(of: source)
        let letterbox = Letterbox(width: 40, height: 30, side: 64)
        #expect(view.letterbox == letterbox)
        #expect(view.tensor.elements == letterbox.tensor(source, input).elements)
    }
}
