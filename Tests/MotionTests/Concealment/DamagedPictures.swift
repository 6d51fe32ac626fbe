// Pictures drawn for tests of concealment, and holes in them.
import Media

/// A picture whose samples are drawn by what is at luma positions, in 8-bit steps.
func drawnFrame(
    _ time: Int64 = 0, _ format: FrameFormat = FrameFormat(.yuv420), width: Int = 128,
    height: Int = 96, _ value: (Int, Int) -> Int
) -> Frame {
    let planes = (0..<format.planeCount).map { index -> Plane in
        let size = format.planeSize(index, width: width, height: height)
        let (h, v) = (width / size.width, height / size.height)
        return Plane(
            width: size.width, height: size.height, bytesPerSample: format.bytesPerSample
        ) { value($0 * h, $1 * v) << (format.depth - 8) }
    }
    var frame = Frame(width: width, height: height, format: format, planes: planes)
    frame.timestamp = time
    return frame
}

/// A hole in a picture: rows of cells, all their columns or some.
func hole(_ frame: Frame, rows: Range<Int>, columns: Range<Int>? = nil) -> LossMap {
    var map = LossMap(width: frame.width, height: frame.height)
    for row in rows {
        for column in columns ?? 0..<map.columns { map.isLost[row * map.columns + column] = true }
    }
    return map
}
