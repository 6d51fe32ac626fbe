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

    /// Pixels that the longer side of a picture needs to be looked at: more are passed over.
    public var enoughPixels: Int { 2 * side }

    /// The picture in the square.
    ///
    /// - Parameter size: Of the picture that boxes will be told in, where this one was read smaller.
    public func view(
        of picture: UprightPicture, size: (width: Int, height: Int)? = nil
    ) -> View {
        let (width, height) = size ?? (picture.width, picture.height)
        let letterbox = Letterbox(width: width, height: height, side: side)
        return View(letterbox: letterbox, tensor: letterbox.tensor(picture, input))
    }
}
