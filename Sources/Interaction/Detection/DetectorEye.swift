// What of a detector's work other threads can do.
import Media
import Tensors

/// Makes pictures ready for a detector.
public struct DetectorEye: Sendable {
    /// An eye for a square of `side` pixels.
    public init(side: Int, input: DetectorInput) { (self.side, self.input) = (side, input) }

    /// A picture as a detector looks at it.
    public struct View: Sendable {
        /// Where the picture lies in the detector's square.
        public let letterbox: Letterbox
        /// `[1, 3, side, side]`.
        public let tensor: Tensor<Float>
    }

    /// The side of the detector's square.
    public let side: Int
    /// What its weights expect.
    public let input: DetectorInput

    /// The picture in the square.
    public func view(of picture: UprightPicture) -> View {
        let letterbox = Letterbox(width: picture.width, height: picture.height, side: side)
        return View(letterbox: letterbox, tensor: letterbox.tensor(picture, input))
    }
}
