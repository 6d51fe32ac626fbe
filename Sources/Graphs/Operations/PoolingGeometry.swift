// How a pooling window moves over a picture.
import Tensors

/// How a pooling window moves over a picture.
public struct PoolingGeometry: Sendable, Hashable {
    /// Extents of the window.
    public var kernelHeight: Int, kernelWidth: Int
    /// Step between windows, vertically and horizontally.
    public var strideY: Int, strideX: Int
    /// Rows and columns around the picture.
    public var paddingTop: Int, paddingBottom: Int, paddingLeft: Int, paddingRight: Int

    /// Equal settings in both directions; windows touch without overlap where no stride is given.
    public init(kernel: Int, stride: Int? = nil, padding: Int = 0) {
        (kernelHeight, kernelWidth) = (kernel, kernel)
        (strideY, strideX) = (stride ?? kernel, stride ?? kernel)
        (paddingTop, paddingBottom) = (padding, padding)
        (paddingLeft, paddingRight) = (padding, padding)
    }

    /// The shape of the output for pictures `[N, C, H, W]`.
    ///
    /// - Throws: `ShapeError` in the name of `operation`.
    func outputShape(for input: Shape, operation: some Operation) throws -> Shape {
        // Else a window could lie in the padding alone, where nothing is largest.
        precondition(
            max(paddingTop, paddingBottom) < kernelHeight
                && max(paddingLeft, paddingRight) < kernelWidth, "padding as large as the window")
        try operation.require(input.rank == 4, "[N, C, H, W]", found: "\(input)")
        let y = input[2] + paddingTop + paddingBottom - kernelHeight
        let x = input[3] + paddingLeft + paddingRight - kernelWidth
        try operation.require(
            y >= 0 && x >= 0, "a picture no smaller than the window", found: "\(input)")
        return [input[0], input[1], y / strideY + 1, x / strideX + 1]
    }

    /// Calls `body` with each output index and the indices of the elements inside its window.
    func forEachWindow(_ input: Shape, _ output: Shape, _ body: (Int, [Int]) -> Void) {
        var inside: [Int] = []
        for index in 0..<output.count {
            let plane = index / (output[2] * output[3]) * input[2] * input[3]
            let top = index / output[3] % output[2] * strideY - paddingTop
            let left = index % output[3] * strideX - paddingLeft
            inside.removeAll(keepingCapacity: true)
            for y in max(top, 0)..<min(top + kernelHeight, input[2]) {
                for x in max(left, 0)..<min(left + kernelWidth, input[3]) {
                    inside.append(plane + y * input[3] + x)
                }
            }
            body(index, inside)
        }
    }

    /// Elements in a window, without or with its part in the padding.
    func divisor(inside: Int, countsPadding: Bool) -> Int {
        countsPadding ? kernelHeight * kernelWidth : inside
    }
}
