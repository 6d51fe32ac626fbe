// How a human and a thing lie to each other, in numbers.
import Glibc
import Tensors

/// The 36 numbers that describe two boxes of a picture: 18, and the logarithms of the same.
///
/// - SeeAlso: Zhang, Campbell and Gould, "Spatially conditioned graphs" (arXiv:2012.06060), section 3.2 and the
///   authors' code.
public enum SpatialFeatures {
    /// Numbers for each pair.
    public static let count = 36
    /// Keeps divisions and logarithms finite.
    static let tiny = 1e-10

    /// The numbers for a human and a thing in a picture of `width` x `height`.
    ///
    /// In order: centres, x and y, of the human and of the thing, over the picture's extents; their widths and heights,
    /// over the same; their areas over the picture's; the thing's area over the human's; width over height of each;
    /// their overlap; and how far the thing's centre lies to the right, left, below and above that of the human, over
    /// the human's width and height. Then the logarithms.
    public static func values(
        human: Box, object: Box, width: Int, height: Int
    ) -> [Double] {
        let (w, h) = (Double(width), Double(height))
        func centre(_ box: Box) -> (x: Double, y: Double) {
            ((box.x1 + box.x2) / 2, (box.y1 + box.y2) / 2)
        }
        let (a, b) = (centre(human), centre(object))
        let across = (b.x - a.x) / (human.width + tiny)
        let down = (b.y - a.y) / (human.height + tiny)
        let plain = [
            a.x / w, a.y / h, b.x / w, b.y / h,
            human.width / w, human.height / h, object.width / w, object.height / h,
            human.area / (w * h), object.area / (w * h),
            object.area / (human.area + tiny),
            human.width / (human.height + tiny), object.width / (object.height + tiny),
            human.overlap(object),
            max(across, 0), max(-across, 0), max(down, 0), max(-down, 0),
        ]
        return plain + plain.map { log($0 + tiny) }
    }

    /// The numbers of many pairs of a picture, `[pairs, 36]`.
    public static func tensor(
        _ pairs: [HumanObjectPair], boxes: [Box], width: Int, height: Int
    ) -> Tensor<Float> {
        Tensor(shape: [pairs.count, count]) { target in
            for (row, pair) in pairs.enumerated() {
                let values = values(
                    human: boxes[pair.human], object: boxes[pair.object], width: width,
                    height: height)
                for (column, value) in values.enumerated() {
                    target[row * count + column] = Float(value)
                }
            }
        }
    }
}
